# One folder of sources = one target. The folder is its own documentation: no file is listed by name.

# Compiles the Cap'n Proto schemas of <folder>/*/schema, if there are any, into hhgrid_<folder>_schema.
# The generated header of storage/wire/schema/entry.capnp is "storage/wire/schema/entry.capnp.h".
function(hhgrid_add_schemas folder)
  file(GLOB_RECURSE schemas CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.capnp")
  if(NOT schemas)
    return()
  endif()
  set(CAPNPC_OUTPUT_DIR "${PROJECT_BINARY_DIR}/generated")
  set(CAPNPC_SRC_PREFIX "${PROJECT_SOURCE_DIR}")
  foreach(schema IN LISTS schemas)
    cmake_path(GET schema PARENT_PATH room)
    cmake_path(RELATIVE_PATH room BASE_DIRECTORY "${PROJECT_SOURCE_DIR}")
    file(MAKE_DIRECTORY "${CAPNPC_OUTPUT_DIR}/${room}")
  endforeach()
  capnp_generate_cpp(sources headers ${schemas})
  # A schema may import its neighbours.
  foreach(source IN LISTS sources)
    add_custom_command(OUTPUT "${source}" APPEND DEPENDS ${schemas})
  endforeach()
  add_library(hhgrid_${folder}_schema STATIC ${sources} ${headers})
  target_compile_options(hhgrid_${folder}_schema PRIVATE -w)
  target_include_directories(hhgrid_${folder}_schema SYSTEM PUBLIC "${CAPNPC_OUTPUT_DIR}")
  target_link_libraries(hhgrid_${folder}_schema PUBLIC CapnProto::capnp)
  # It may import those of the folders before.
  get_property(before GLOBAL PROPERTY hhgrid_schema_targets)
  target_link_libraries(hhgrid_${folder}_schema PUBLIC ${before})
  set_property(GLOBAL APPEND PROPERTY hhgrid_schema_targets hhgrid_${folder}_schema)
  foreach(schema IN LISTS schemas)
    file(STRINGS "${schema}" interfaces REGEX "^interface " LIMIT_COUNT 1)
    if(interfaces)
      target_link_libraries(hhgrid_${folder}_schema PUBLIC CapnProto::capnp-rpc)
    endif()
  endforeach()
endfunction()

# hhgrid_add_folder(<folder> <libraries...>): the library hhgrid_<folder> from <folder>/**/*.cpp.
# A folder without sources still carries its headers and libraries.
function(hhgrid_add_folder folder)
  hhgrid_add_schemas(${folder})
  if(TARGET hhgrid_${folder}_schema)
    list(APPEND ARGN hhgrid_${folder}_schema)
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  if(sources)
    add_library(hhgrid_${folder} STATIC ${sources})
    target_include_directories(hhgrid_${folder} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(hhgrid_${folder} PUBLIC ${ARGN} PRIVATE hhgrid_warnings)
  else()
    add_library(hhgrid_${folder} INTERFACE)
    target_include_directories(hhgrid_${folder} INTERFACE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(hhgrid_${folder} INTERFACE ${ARGN})
  endif()
endfunction()

# One test executable from `sources`, registered with ctest test by test.
function(hhgrid_add_test_executable target sources libraries label)
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE ${libraries} hhgrid_warnings rapidcheck rapidcheck_gtest
                                          GTest::gmock GTest::gtest GTest::gtest_main)
  # Optimising the tests themselves takes longer than running them.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  # Only those that read the project's files are told where it is: the others compile to the same
  # object wherever it is, which ccache knows.
  foreach(source IN LISTS sources)
    file(STRINGS "${source}" uses REGEX HHGRID_PROJECT_DIR LIMIT_COUNT 1)
    if(uses)
      set_source_files_properties("${source}" PROPERTIES COMPILE_DEFINITIONS
                                  HHGRID_PROJECT_DIR="${PROJECT_SOURCE_DIR}")
    endif()
  endforeach()
  gtest_discover_tests(${target} TEST_PREFIX "${target}." DISCOVERY_TIMEOUT 60
                       WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
                       PROPERTIES LABELS ${label} TIMEOUT 600)
endfunction()

# hhgrid_add_tests(<folder> <libraries...>): tests/<folder>/**/*_test.cpp becomes test_<folder>, and
# *_slow_test.cpp becomes test_<folder>_slow (ctest label `slow`). Other sources in the folder are
# helpers of both.
function(hhgrid_add_tests folder)
  file(GLOB_RECURSE fast CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cpp")
  file(GLOB_RECURSE helpers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp")
  set(slow ${fast})
  list(FILTER slow INCLUDE REGEX "_slow_test\\.cpp$")
  list(FILTER fast EXCLUDE REGEX "_slow_test\\.cpp$")
  list(FILTER helpers EXCLUDE REGEX "_test\\.cpp$")
  if(fast)
    hhgrid_add_test_executable(test_${folder} "${fast};${helpers}" "${ARGN}" fast)
  endif()
  if(slow)
    hhgrid_add_test_executable(test_${folder}_slow "${slow};${helpers}" "${ARGN}" slow)
  endif()
endfunction()

# Every tests/*/*_test.py and tests/*/test_*.py is a test of its own, run by Python's unittest.
function(hhgrid_add_python_tests)
  file(GLOB scripts RELATIVE "${PROJECT_SOURCE_DIR}/tests" CONFIGURE_DEPENDS
       "${PROJECT_SOURCE_DIR}/tests/*/*_test.py" "${PROJECT_SOURCE_DIR}/tests/*/test_*.py")
  foreach(script IN LISTS scripts)
    string(REGEX REPLACE "/(.*)\\.py$" ".\\1" name "${script}")
    add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} -B "${PROJECT_SOURCE_DIR}/tests/${script}" -v)
    set(label fast)
    if(script MATCHES "_slow")
      set(label slow)
    endif()
    # The scripts take longest: begun first, the short tests fill the time beside them.
    # Under the thread sanitizer the longest takes half an hour of a busy machine.
    set_tests_properties(${name} PROPERTIES LABELS ${label} COST 1000 TIMEOUT 3600)
  endforeach()
endfunction()
