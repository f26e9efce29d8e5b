# SPDX-License-Identifier: Apache-2.0
# libllmroof: the layers below the command line, shared and static, of which only what include/llmroof declares is seen.
set(library_layers core document import load lower price estimate rows fit)
list(TRANSFORM library_layers PREPEND lr_ OUTPUT_VARIABLE library_targets)
list(TRANSFORM library_targets REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE library_objects)
list(TRANSFORM library_targets REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE library_archives)

file(GLOB library_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/llmroof/*.h)
set(export_names ${PROJECT_BINARY_DIR}/exports.txt)
set(export_script ${PROJECT_BINARY_DIR}/exports.map)
add_custom_command(
  OUTPUT ${export_names} ${export_script}
  COMMAND ${CMAKE_COMMAND} -DHEADERS=${PROJECT_SOURCE_DIR}/include/llmroof -DNAMES=${export_names}
          -DSCRIPT=${export_script} -P ${PROJECT_SOURCE_DIR}/cmake/exports.cmake
  DEPENDS ${library_headers} ${PROJECT_SOURCE_DIR}/cmake/exports.cmake)
add_custom_target(llmroof_exports DEPENDS ${export_names} ${export_script})

# While the major version is 0 a new minor one may change structs.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(library_soversion ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
else()
  set(library_soversion ${PROJECT_VERSION_MAJOR})
endif()

add_library(llmroof_shared SHARED ${library_objects})
add_dependencies(llmroof_shared llmroof_exports)
target_link_libraries(llmroof_shared PRIVATE lr_options PkgConfig::YAML m)
target_link_options(llmroof_shared PRIVATE -Wl,--version-script=${export_script})
set_target_properties(
  llmroof_shared
  PROPERTIES OUTPUT_NAME llmroof
             EXPORT_NAME shared
             LINKER_LANGUAGE C
             LINK_DEPENDS ${export_script}
             VERSION ${PROJECT_VERSION}
             SOVERSION ${library_soversion})

# One object in the archive, so that what the layers share among themselves can be made local. It depends on the layers as
# targets: their objects are files that only a rule of the same target can make, for generators of Makefiles.
set(library_object ${PROJECT_BINARY_DIR}/llmroof-$<CONFIG>.o)
add_custom_command(
  OUTPUT ${library_object}
  COMMAND ${CMAKE_C_COMPILER} -r -nostdlib ${one_object_of_all} -o ${library_object} -Wl,--whole-archive ${library_archives}
          -Wl,--no-whole-archive
  COMMAND ${CMAKE_OBJCOPY} --keep-global-symbols=${export_names} ${library_object}
  DEPENDS ${library_targets} llmroof_exports ${export_names}
  COMMAND_EXPAND_LISTS VERBATIM)
add_library(llmroof_static STATIC ${library_object})
target_link_libraries(llmroof_static INTERFACE "$<BUILD_INTERFACE:${YAML_LINK_LIBRARIES}>" $<INSTALL_INTERFACE:yaml> m)
set_target_properties(llmroof_static PROPERTIES OUTPUT_NAME llmroof EXPORT_NAME static LINKER_LANGUAGE C)

foreach(target llmroof_shared llmroof_static)
  target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                 $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()

# For a project that has this one as a subdirectory: what find_package gives it (llmroof-config.cmake.in).
add_library(llmroof::shared ALIAS llmroof_shared)
add_library(llmroof::static ALIAS llmroof_static)
if(DEFINED BUILD_SHARED_LIBS AND NOT BUILD_SHARED_LIBS)
  add_library(llmroof::llmroof ALIAS llmroof_static)
else()
  add_library(llmroof::llmroof ALIAS llmroof_shared)
endif()
if(NOT PROJECT_IS_TOP_LEVEL)
  set(LLMROOF_CONFIGS ${PROJECT_SOURCE_DIR}/configs PARENT_SCOPE)
endif()

if(NOT LLMROOF_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/llmroof)
configure_package_config_file(
  cmake/llmroof-config.cmake.in ${PROJECT_BINARY_DIR}/llmroof-config.cmake INSTALL_DESTINATION ${config_dir}
  PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/llmroof-config-version.cmake COMPATIBILITY SameMinorVersion)

# Paths in it are relative to the file: the tree may be moved.
set(pkgconfig_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pkgconfig_prefix ${pkgconfig_dir} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH pkgconfig_libdir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH pkgconfig_includedir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
file(RELATIVE_PATH pkgconfig_datadir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_DATADIR})
configure_file(cmake/llmroof.pc.in ${PROJECT_BINARY_DIR}/llmroof.pc @ONLY)

install(
  TARGETS llmroof_shared llmroof_static
  EXPORT llmroof-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/llmroof DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT llmroof-targets NAMESPACE llmroof:: DESTINATION ${config_dir})
install(FILES ${PROJECT_BINARY_DIR}/llmroof-config.cmake ${PROJECT_BINARY_DIR}/llmroof-config-version.cmake
        DESTINATION ${config_dir})
install(FILES ${PROJECT_BINARY_DIR}/llmroof.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
