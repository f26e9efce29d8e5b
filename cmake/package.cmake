# SPDX-License-Identifier: Apache-2.0
# cpack -G DEB and cpack -G TGZ, from a build folder. OpenBLAS and gnuplot are loaded and started when they are needed.
set(CPACK_PACKAGE_NAME llmroof)
set(CPACK_PACKAGE_VENDOR llmroof)
set(CPACK_PACKAGE_CONTACT "llmroof <llmroof@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "decode speed of language models on accelerators")
set(CPACK_PACKAGE_DESCRIPTION
    "How fast an accelerator decodes a language model, whether it fits, what holds it back, and how sure that is.
Program, library, and profiles of hardware and models.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR TGZ)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libopenblas0 | libopenblas0-pthread, gnuplot-nox | gnuplot")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libyaml-dev, pkg-config")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
