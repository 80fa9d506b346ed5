# What the project stands on. Everything is found on the machine; nothing is downloaded here (scripts/setup does that).

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(simdjson REQUIRED)
find_package(ZLIB REQUIRED)
find_package(tl-expected REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
if(RIDGELINE_TESTS)
  find_package(Catch2 REQUIRED)
endif()
if(RIDGELINE_BENCH)
  find_package(benchmark REQUIRED)
endif()

find_package(OnnxRuntime REQUIRED)

# ONNX's own schema, compiled with this machine's protoc.
set(RIDGELINE_ONNX_PROTO ${PROJECT_SOURCE_DIR}/.deps/onnx/onnx.proto CACHE FILEPATH "ONNX's protobuf schema")
if(NOT EXISTS ${RIDGELINE_ONNX_PROTO})
  message(FATAL_ERROR "onnx.proto not found; run scripts/setup, or set RIDGELINE_ONNX_PROTO")
endif()
