# How every target of the project is built: language level, warnings, sanitizers, where programs go.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(ridgeline_flags INTERFACE)
target_compile_options(ridgeline_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 warns of overlapping copies inside std::string's own operators (its bug 105651).
  target_compile_options(ridgeline_flags INTERFACE -Wno-restrict)
endif()
if(RIDGELINE_WERROR)
  target_compile_options(ridgeline_flags INTERFACE -Werror)
endif()
target_include_directories(ridgeline_flags INTERFACE ${PROJECT_SOURCE_DIR})

if(RIDGELINE_SANITIZE)
  # For every target, generated code included: half-instrumented containers give false reports.
  add_compile_options(-fsanitize=${RIDGELINE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RIDGELINE_SANITIZE})
endif()

# ridgeline_library(NAME [DEPENDS TARGET...]): the folder's sources as one static library, ridgeline::NAME.
# Every .cpp in the folder and below belongs to it, except what a subfolder's own CMakeLists.txt takes.
function(ridgeline_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE_DEPENDS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(pattern IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  if(NOT sources)
    add_library(ridgeline_${name} INTERFACE)
    add_library(ridgeline::${name} ALIAS ridgeline_${name})
    target_link_libraries(ridgeline_${name} INTERFACE ${ARG_DEPENDS})
    target_include_directories(ridgeline_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    return()
  endif()
  add_library(ridgeline_${name} STATIC ${sources})
  add_library(ridgeline::${name} ALIAS ridgeline_${name})
  target_link_libraries(ridgeline_${name} PUBLIC ${ARG_DEPENDS} PRIVATE ridgeline_flags ${ARG_PRIVATE_DEPENDS})
  target_include_directories(ridgeline_${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()
