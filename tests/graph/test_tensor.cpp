// Tensors, their conversion and the number formats. Expected values are worked out by hand from the formats.
#include "graph/tensor.h"

#include <catch2/catch.hpp>
#include <onnx/onnx.pb.h>

#include <cmath>
#include <limits>

using namespace ridgeline;
using namespace ridgeline::graph;

namespace {

onnx::TensorProto protoOf(int type, const Dims& dims) {
  onnx::TensorProto proto;
  proto.set_name("t");
  proto.set_data_type(type);
  for (const auto dim : dims) proto.add_dims(dim);
  return proto;
}

std::vector<float> floatsOf(DataType type, std::vector<uint8_t> codes, Dims dims) {
  Tensor tensor(type, std::move(dims));
  REQUIRE(tensor.byteSize() == codes.size());
  std::copy(codes.begin(), codes.end(), tensor.as<uint8_t>().begin());
  return tensor.toFloats();
}

}  // namespace

TEST_CASE("Counts of elements and bytes saturate instead of overflowing") {
  constexpr int64_t top = std::numeric_limits<int64_t>::max();
  CHECK(elementCount(Dims{}) == 1);
  CHECK(elementCount(Dims{2, 3, 4}) == 24);
  CHECK(elementCount(Dims{2, 0, 4}) == 0);
  CHECK(elementCount(Dims{top, top, 0}) == 0);
  CHECK(elementCount(Dims{2, -1}) == 0);
  CHECK(elementCount(Dims{top, 2}) == top);
  CHECK(byteCount(DataType::Float, Dims{top / 2}) == top);
  CHECK(byteCount(DataType::Int4, Dims{top}) == top / 2 + 1);
  CHECK(byteCount(DataType::Int4, Dims{5}) == 3);
  CHECK(byteCount(DataType::Int2, Dims{5}) == 2);
  CHECK(byteCount(DataType::Complex128, Dims{2}) == 32);
  CHECK(byteCount(DataType::String, Dims{5}) == 0);
  CHECK(formatDims(Dims{1, 3, 224, 224}) == "1x3x224x224");
  CHECK(formatDims(Dims{}) == "scalar");
}

TEST_CASE("Types have ONNX's numbers, sizes and NumPy's names") {
  for (int number = 0; number <= 26; ++number) {
    INFO(number);
    REQUIRE(onnx::TensorProto_DataType_IsValid(number));
    const auto type = static_cast<DataType>(number);
    CHECK(nameOf(type) != "unknown");
    CHECK((bitsOf(type) > 0) == (type != DataType::Undefined && type != DataType::String));
    CHECK_FALSE((isFloating(type) && isInteger(type)));
  }
  CHECK(nameOf(static_cast<DataType>(999)) == "unknown");
  CHECK(nameOf(DataType::Double) == "float64");
  CHECK(bitsOf(static_cast<DataType>(-3)) == 0);
  CHECK_FALSE(isInteger(DataType::Bool));
}

TEST_CASE("Half precision, both ways") {
  CHECK(halfToFloat(0x3c00) == 1.0f);
  CHECK(halfToFloat(0xc000) == -2.0f);
  CHECK(halfToFloat(0x7bff) == 65504.0f);
  CHECK(halfToFloat(0x0001) == 0x1p-24f);
  CHECK(halfToFloat(0x03ff) == 1023 * 0x1p-24f);
  CHECK(std::isinf(halfToFloat(0xfc00)));
  CHECK(std::isnan(halfToFloat(0x7e01)));
  CHECK(std::signbit(halfToFloat(0x8000)));
  CHECK(floatToHalf(65519.0f) == 0x7bff);
  CHECK(floatToHalf(65520.0f) == 0x7c00);
  CHECK(floatToHalf(1.0f + 0x1p-11f) == 0x3c00);             // a tie, to even
  CHECK(floatToHalf(1.0f + 3 * 0x1p-11f) == 0x3c02);         // a tie, to even
  CHECK(floatToHalf(1.0f + 0x1p-11f + 0x1p-20f) == 0x3c01);  // just above the tie
  CHECK(floatToHalf(0x1p-25f) == 0);                         // a tie between 0 and the smallest
  CHECK(floatToHalf(0x1.8p-25f) == 1);
  CHECK(floatToHalf(-0.0f) == 0x8000);
  CHECK(std::isnan(halfToFloat(floatToHalf(std::nanf("")))));
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    if (std::isnan(halfToFloat(half))) continue;
    if (floatToHalf(halfToFloat(half)) != half) FAIL(half);
  }
}

TEST_CASE("Bfloat16 rounds to nearest even") {
  CHECK(bfloat16ToFloat(0x3f80) == 1.0f);
  CHECK(floatToBfloat16(1.0f + 0x1p-8f) == 0x3f80);  // a tie, to even
  CHECK(floatToBfloat16(1.0f + 3 * 0x1p-8f) == 0x3f82);
  CHECK(floatToBfloat16(std::numeric_limits<float>::max()) == 0x7f80);
  CHECK(std::isnan(bfloat16ToFloat(floatToBfloat16(std::nanf("")))));
}

TEST_CASE("Small floats") {
  CHECK(floatsOf(DataType::Float8E4M3FN, {0x38, 0x7e, 0x01, 0xb8}, {4}) ==
        std::vector<float>{1.0f, 448.0f, 0x1p-9f, -1.0f});
  CHECK(std::isnan(floatsOf(DataType::Float8E4M3FN, {0x7f}, {1})[0]));
  CHECK(floatsOf(DataType::Float8E4M3FNUZ, {0x40, 0x7f}, {2}) == std::vector<float>{1.0f, 240.0f});
  CHECK(std::isnan(floatsOf(DataType::Float8E4M3FNUZ, {0x80}, {1})[0]));
  CHECK(floatsOf(DataType::Float8E5M2, {0x3c, 0x7b}, {2}) == std::vector<float>{1.0f, 57344.0f});
  CHECK(std::isinf(floatsOf(DataType::Float8E5M2, {0x7c}, {1})[0]));
  CHECK(floatsOf(DataType::Float8E5M2FNUZ, {0x40, 0x7f}, {2}) == std::vector<float>{1.0f, 57344.0f});
  CHECK(floatsOf(DataType::Float8E8M0, {127, 130}, {2}) == std::vector<float>{1.0f, 8.0f});
  // The eight positive values of E2M1, two a byte, the first in the low half; then -6.
  CHECK(floatsOf(DataType::Float4E2M1, {0x10, 0x32, 0x54, 0x76, 0x0f}, {9}) ==
        std::vector<float>{0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -6});
}

TEST_CASE("Integers below a byte") {
  CHECK(floatsOf(DataType::Int4, {0x87, 0x0f}, {3}) == std::vector<float>{7, -8, -1});
  CHECK(floatsOf(DataType::Uint4, {0x87, 0x0f}, {3}) == std::vector<float>{7, 8, 15});
  CHECK(floatsOf(DataType::Int2, {0b11100100}, {4}) == std::vector<float>{0, 1, -2, -1});
  CHECK(floatsOf(DataType::Uint2, {0b11100100, 2}, {5}) == std::vector<float>{0, 1, 2, 3, 2});
}

TEST_CASE("Conversion to integers cuts off, saturates and takes NaN as zero") {
  const std::vector<double> values = {1.9, -1.9, 1e30, -1e30, std::nan(""), 0x1p63};
  constexpr int64_t top = std::numeric_limits<int64_t>::max();
  constexpr int64_t bottom = std::numeric_limits<int64_t>::min();
  CHECK(Tensor::of<double>({6}, values).toInts() == std::vector<int64_t>{1, -1, top, bottom, 0, top});
  const std::vector<uint64_t> large = {std::numeric_limits<uint64_t>::max(), 5};
  CHECK(Tensor::of<uint64_t>({2}, large).toInts() == std::vector<int64_t>{top, 5});
  const bool flags[] = {true, false};
  CHECK(Tensor::of<bool>({2}, flags).toFloats() == std::vector<float>{1, 0});
  CHECK(Tensor(DataType::Complex64, {2}).toFloats().empty());
  CHECK(Tensor(DataType::String, {2}).toInts().empty());
}

TEST_CASE("Tensors made from too few or too many values have what their dims say") {
  const std::vector<float> values = {1, 2, 3};
  CHECK(Tensor::of<float>({2}, values).toFloats() == std::vector<float>{1, 2});
  CHECK(Tensor::of<float>({4}, values).toFloats() == std::vector<float>{1, 2, 3, 0});
  CHECK(Tensor::of<float>({0}, values).byteSize() == 0);
  CHECK(Tensor::of<float>({-1}, values).size() == 0);
}

TEST_CASE("Messages of each storage become tensors") {
  SECTION("raw") {
    auto proto = protoOf(onnx::TensorProto::INT16, {2});
    proto.set_raw_data(std::string("\x01\x00\xff\xff", 4));
    CHECK(fromProto(proto)->toInts() == std::vector<int64_t>{1, -1});
  }
  SECTION("halves and bytes in int32_data") {
    auto half = protoOf(onnx::TensorProto::FLOAT16, {2});
    half.add_int32_data(0x3c00);
    half.add_int32_data(0xc000);
    CHECK(fromProto(half)->toFloats() == std::vector<float>{1, -2});
    auto bytes = protoOf(onnx::TensorProto::INT8, {2});
    bytes.add_int32_data(-128);
    bytes.add_int32_data(127);
    CHECK(fromProto(bytes)->toInts() == std::vector<int64_t>{-128, 127});
    auto nibbles = protoOf(onnx::TensorProto::INT4, {3});
    nibbles.add_int32_data(0x21);
    nibbles.add_int32_data(0x0f);
    CHECK(fromProto(nibbles)->toInts() == std::vector<int64_t>{1, 2, -1});
  }
  SECTION("uint32 in uint64_data, complex as pairs") {
    auto words = protoOf(onnx::TensorProto::UINT32, {1});
    words.add_uint64_data(4294967295u);
    CHECK(fromProto(words)->toInts() == std::vector<int64_t>{4294967295});
    auto complex = protoOf(onnx::TensorProto::COMPLEX64, {1});
    complex.add_float_data(1);
    complex.add_float_data(2);
    CHECK(fromProto(complex)->as<float>()[1] == 2);
  }
  SECTION("strings") {
    auto text = protoOf(onnx::TensorProto::STRING, {2});
    text.add_string_data("one");
    text.add_string_data("two");
    CHECK(fromProto(text)->strings() == std::vector<std::string>{"one", "two"});
  }
  SECTION("nothing at all") { CHECK(fromProto(protoOf(onnx::TensorProto::FLOAT, {3, 0}))->size() == 0); }
}

TEST_CASE("Messages that contradict themselves are refused") {
  const auto refused = [](const onnx::TensorProto& proto) {
    const auto result = fromProto(proto);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::BadInput);
    return result.error().message;
  };
  auto proto = protoOf(onnx::TensorProto::FLOAT, {2, 2});
  proto.set_raw_data(std::string(15, 'x'));
  CHECK(refused(proto) == "tensor 't' (float32 2x2) needs 16 bytes but holds 15");
  CHECK_FALSE(checkData(proto));
  CHECK(refused(protoOf(onnx::TensorProto::FLOAT, {2})) == "tensor 't' (float32 2) needs 2 values but holds 0");
  CHECK(refused(protoOf(onnx::TensorProto::FLOAT, {-2})).find("negative dimension") != std::string::npos);
  constexpr int64_t top = std::numeric_limits<int64_t>::max();
  refused(protoOf(onnx::TensorProto::DOUBLE, {top, top}));
  refused(protoOf(onnx::TensorProto::STRING, {top}));
  refused(protoOf(12345, {1}));
  refused(protoOf(onnx::TensorProto::UNDEFINED, {1}));
  auto outside = protoOf(onnx::TensorProto::FLOAT, {1});
  outside.set_data_location(onnx::TensorProto::EXTERNAL);
  refused(outside);
}

TEST_CASE("A tensor put into a message replaces what was there and comes back equal") {
  auto proto = protoOf(onnx::TensorProto::INT64, {1});
  proto.add_int64_data(9);
  proto.set_doc_string("kept");
  const std::vector<float> values = {1.5f, -2.5f};
  const auto tensor = Tensor::of<float>({1, 2}, values);
  toProto(tensor, proto);
  CHECK(proto.int64_data_size() == 0);
  CHECK(proto.name() == "t");
  CHECK(proto.doc_string() == "kept");
  CHECK(fromProto(proto).value() == tensor);

  Tensor text(DataType::String, {1});
  text.strings()[0] = "word";
  toProto(text, proto);
  CHECK_FALSE(proto.has_raw_data());
  CHECK(fromProto(proto).value() == text);
}
