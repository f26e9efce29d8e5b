# SPDX-License-Identifier: Apache-2.0
# One file that needs no other: linked statically, with the profiles inside. What is loaded at run time (OpenBLAS, CUDA)
# it has not: calibrate and measure say so.
file(GLOB_RECURSE embedded CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs/*.yaml)
set(embedded_rows ${PROJECT_BINARY_DIR}/embedded.inc)
add_custom_command(
  OUTPUT ${embedded_rows}
  COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DOUT=${embedded_rows}
          -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
  DEPENDS ${embedded} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake)
set_source_files_properties(
  ${PROJECT_SOURCE_DIR}/sim/document/embedded.c PROPERTIES OBJECT_DEPENDS ${embedded_rows}
                                                       COMPILE_DEFINITIONS "LLMROOF_EMBEDDED=\"${embedded_rows}\"")
target_link_options(llmroof PRIVATE -static)
