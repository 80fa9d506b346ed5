# Finds ONNX Runtime: in ONNXRUNTIME_ROOT (CMake variable or environment), else in .deps/ where scripts/setup puts it.
# Defines the target OnnxRuntime::OnnxRuntime.

set(roots ${ONNXRUNTIME_ROOT} $ENV{ONNXRUNTIME_ROOT} ${PROJECT_SOURCE_DIR}/.deps/onnxruntime)
find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_c_api.h
          HINTS ${roots} PATH_SUFFIXES include include/onnxruntime include/onnxruntime/core/session NO_DEFAULT_PATH)
find_library(OnnxRuntime_LIBRARY onnxruntime HINTS ${roots} PATH_SUFFIXES lib lib64 NO_DEFAULT_PATH)

if(OnnxRuntime_INCLUDE_DIR)
  file(STRINGS ${OnnxRuntime_INCLUDE_DIR}/onnxruntime_c_api.h line REGEX "^#define ORT_API_VERSION")
  string(REGEX MATCH "[0-9]+" OnnxRuntime_API_VERSION "${line}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxRuntime
  REQUIRED_VARS OnnxRuntime_LIBRARY OnnxRuntime_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run scripts/setup, or name an ONNX Runtime SDK with ONNXRUNTIME_ROOT")
if(OnnxRuntime_FOUND AND OnnxRuntime_API_VERSION LESS 24)
  message(FATAL_ERROR "ONNX Runtime headers in ${OnnxRuntime_INCLUDE_DIR} have API version ${OnnxRuntime_API_VERSION}; 24 or later is needed")
endif()

if(OnnxRuntime_FOUND AND NOT TARGET OnnxRuntime::OnnxRuntime)
  add_library(OnnxRuntime::OnnxRuntime SHARED IMPORTED)
  set_target_properties(OnnxRuntime::OnnxRuntime PROPERTIES
    IMPORTED_LOCATION ${OnnxRuntime_LIBRARY}
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${OnnxRuntime_INCLUDE_DIR})
endif()
