# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=DIR -DOUT=FILE -P embed.cmake: every profile under ROOT/configs as a row of C, {path, text, size}.
file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/configs/*.yaml)
file(WRITE ${OUT}.new "")
foreach(file ${files})
  file(READ ${ROOT}/${file} text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
  file(APPEND ${OUT}.new "{\"embedded:/${file}\",\n     \"${text}\",\n")
  file(SIZE ${ROOT}/${file} size)
  file(APPEND ${OUT}.new "     ${size}},\n")
endforeach()
file(RENAME ${OUT}.new ${OUT})
