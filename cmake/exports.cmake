# SPDX-License-Identifier: Apache-2.0
# cmake -DHEADERS=DIR [-DHEADER=FILE] -DNAMES=FILE -DSCRIPT=FILE -P exports.cmake
# The functions that the headers of a folder declare, or one of them: a name a line for objcopy, and a version script for
# the linker.
if(NOT HEADER)
  set(HEADER *.h)
endif()
file(GLOB headers ${HEADERS}/${HEADER})
set(names "")
foreach(header ${headers})
  file(READ ${header} text)
  string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" text "${text}")
  string(REGEX REPLACE "[\n\r]" " " text "${text}")
  string(REGEX REPLACE "typedef [^;]*;" "" text "${text}")
  string(REGEX MATCHALL "lr_[a-z0-9_]+\\(" found "${text}")
  list(APPEND names ${found})
endforeach()
list(TRANSFORM names REPLACE "\\($" "")
list(SORT names)
list(REMOVE_DUPLICATES names)
list(JOIN names "\n" lines)
list(JOIN names ";\n    " members)
file(WRITE ${NAMES} "${lines}\n")
file(WRITE ${SCRIPT} "{\n  global:\n    ${members};\n  local:\n    *;\n};\n")
