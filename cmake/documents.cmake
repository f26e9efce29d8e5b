# SPDX-License-Identifier: Apache-2.0
# The manual page and the completions are printed by the program, and so can only be made where it runs.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "no manual page and no completions: the program does not run here")
  return()
endif()

set(documents_dir ${PROJECT_BINARY_DIR}/documents)
set(documents "")

# What 'llmroof ARGUMENTS' prints, installed to destination under another name.
function(add_document file destination name)
  set(path ${documents_dir}/${file})
  add_custom_command(
    OUTPUT ${path}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${documents_dir}
    COMMAND llmroof ${ARGN} > ${path}
    DEPENDS llmroof
    VERBATIM)
  set(documents ${documents} ${path} PARENT_SCOPE)
  install(FILES ${path} DESTINATION ${destination} RENAME ${name})
endfunction()

add_document(llmroof.1 ${CMAKE_INSTALL_MANDIR}/man1 llmroof.1 help --man)
add_document(llmroof.bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions llmroof completion bash)
add_document(_llmroof ${CMAKE_INSTALL_DATADIR}/zsh/site-functions _llmroof completion zsh)
add_document(llmroof.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d llmroof.fish completion fish)
add_custom_target(llmroof_documents ALL DEPENDS ${documents})
