# Language, optimisation, sanitizers and warnings. Included once by the top-level file.

option(HHGRID_NATIVE "Use every instruction of the building machine (-march=native)" OFF)
set(HHGRID_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# NDEBUG stays undefined: assertions hold in release too. Line tables are enough for a backtrace.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")
if(HHGRID_SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
endif()

# Messages and debug information name a source as it is called in the project, wherever that lies;
# so ccache finds what another checkout has compiled.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)

if(HHGRID_NATIVE)
  add_compile_options(-march=native)
endif()
if(HHGRID_SANITIZE)
  add_compile_options(-fsanitize=${HHGRID_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HHGRID_SANITIZE})
  if(HHGRID_SANITIZE MATCHES thread)
    # Libraries that are not built for the sanitizer would use our instances of the standard
    # library's templates, and what they do would be taken for our doing.
    add_link_options(-Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/tsan-exports.map)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Only our own code is on trial: CAF's headers bind references to null in code we cannot change.
    add_compile_options(-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/sanitizer-ignore.txt)
  endif()
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Another checkout of the same sources finds what this one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
                                  CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

# Warnings are for our own sources only, so they hang on a target and not on the directory.
add_library(hhgrid_warnings INTERFACE)
# A designated initializer leaves the members that it does not name at their defaults, on purpose.
target_compile_options(hhgrid_warnings INTERFACE -Wall -Wextra -Werror
                                                 -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these in inlined code of fmt, of kj::Maybe and of its own std::string, wrongly.
  target_compile_options(hhgrid_warnings INTERFACE -Wno-stringop-overflow -Wno-stringop-overread
                                                   -Wno-array-bounds -Wno-restrict
                                                   -Wno-maybe-uninitialized)
endif()
