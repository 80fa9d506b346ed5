#include "engine/inputs.h"
#include "engine/inputs/npy.h"
#include "tests/engine/models.h"

#include <catch2/catch.hpp>
using namespace ridgeline;
using namespace ridgeline::engine;
using namespace ridgeline::engine::test;
namespace fs = std::filesystem;

namespace {

// A file as NumPy writes it, put together by hand.
template <class T>
std::string npy(const std::string& descr, bool fortran, const std::string& shape, const std::vector<T>& values,
                char version = 1) {
  auto header =
      fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", descr, fortran ? "True" : "False", shape);
  while ((header.size() + 11) % 64) header += ' ';
  header += '\n';
  std::string out = std::string("\x93NUMPY") + version + '\0';
  out += static_cast<char>(header.size() & 0xFF);
  out += static_cast<char>(header.size() >> 8);
  if (version > 1) out += std::string(2, '\0');
  out += header;
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  return out;
}

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  REQUIRE(writeFileAtomically(path, bytes));
}

std::string proto(const Tensor& value, const std::string& name = {}) {
  onnx::TensorProto message;
  graph::toProto(value, message);
  message.set_name(name);
  return message.SerializeAsString();
}

void put(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i, value >>= 8) out += static_cast<char>(value & 0xFF);
}

uint32_t crc32(const std::string& bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const unsigned char c : bytes) {
    crc ^= c;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

// A deflate stream of one block that is stored as it is.
std::string deflated(const std::string& bytes) {
  std::string out(1, '\1');
  put(out, bytes.size(), 2);
  put(out, ~bytes.size(), 2);
  return out + bytes;
}

// A zip archive by hand: local headers with their data, the central directory, its end.
void writeZip(const fs::path& path, const std::map<std::string, std::string>& entries, bool deflate) {
  std::string out, directory;
  for (const auto& [name, bytes] : entries) {
    const auto data = deflate ? deflated(bytes) : bytes;
    std::string common;
    put(common, 20, 2);               // version needed
    put(common, 0, 2);                // flags
    put(common, deflate ? 8 : 0, 2);  // method
    put(common, 0x5A210000, 4);       // time and date
    put(common, crc32(bytes), 4);
    put(common, data.size(), 4);
    put(common, bytes.size(), 4);
    put(common, name.size(), 2);
    put(common, 0, 2);  // extra
    put(directory, 0x02014B50, 4);
    put(directory, 20, 2);
    directory += common;
    put(directory, 0, 2 + 2 + 2 + 4);  // comment, disk, attributes
    put(directory, out.size(), 4);
    directory += name;
    put(out, 0x04034B50, 4);
    out += common + name + data;
  }
  const auto start = out.size();
  out += directory;
  put(out, 0x06054B50, 4);
  put(out, 0, 4);
  put(out, entries.size(), 2);
  put(out, entries.size(), 2);
  put(out, directory.size(), 4);
  put(out, start, 4);
  put(out, 0, 2);
  write(path, out);
}

class Folder {
 public:
  Folder() : m_folder(*TemporaryFolder::create("test")) {}
  fs::path operator/(const std::string& name) const { return m_folder.path() / name; }
  const fs::path& path() const { return m_folder.path(); }

 private:
  TemporaryFolder m_folder;
};

void refuse(const fs::path& folder, const std::string& words, const graph::Model& model = addThenMultiply()) {
  const auto read = readInputs(folder, model);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::BadInput);
  CHECK_THAT(read.error().text(), Catch::Contains(words));
  CHECK(read.error().text().find('\n') == std::string::npos);
}

}  // namespace

TEST_CASE("arrays of NumPy's are read in either order") {
  const auto rows = parseNpy(npy<float>("<f4", false, "(2, 3)", {1, 2, 3, 4, 5, 6}), "a");
  REQUIRE(rows);
  CHECK(*rows == floats({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto columns = parseNpy(npy<float>("<f4", true, "(2, 3)", {1, 4, 2, 5, 3, 6}), "a");
  REQUIRE(columns);
  CHECK(*columns == *rows);
  // Element (i, j, k) of a 2 x 2 x 2 array is 4i + 2j + k; in Fortran order i runs fastest.
  const auto cube = parseNpy(npy<int64_t>("<i8", true, "(2, 2, 2)", {0, 4, 2, 6, 1, 5, 3, 7}, 2), "a");
  REQUIRE(cube);
  CHECK(*cube == longs({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST_CASE("arrays of every type that is read") {
  const auto type = [](const std::string& bytes) {
    const auto tensor = parseNpy(bytes, "a");
    if (!tensor) FAIL(tensor.error().text());
    return tensor->type();
  };
  CHECK(type(npy<uint16_t>("<f2", false, "(1,)", {0x3C00})) == DataType::Float16);
  CHECK(type(npy<double>("<f8", false, "()", {1})) == DataType::Double);
  CHECK(type(npy<int8_t>("|i1", false, "(2,)", {1, 2})) == DataType::Int8);
  CHECK(type(npy<uint8_t>("|u1", false, "(0, 4)", {})) == DataType::Uint8);
  CHECK(type(npy<int16_t>("<i2", false, "(1,)", {1})) == DataType::Int16);
  CHECK(type(npy<uint16_t>("<u2", false, "(1,)", {1})) == DataType::Uint16);
  CHECK(type(npy<int32_t>("<i4", false, "(1L,)", {1})) == DataType::Int32);
  CHECK(type(npy<uint32_t>("<u4", false, "(1,)", {1})) == DataType::Uint32);
  CHECK(type(npy<uint64_t>("<u8", false, "(1,)", {1}, 3)) == DataType::Uint64);
  CHECK(type(npy<uint8_t>("|b1", false, "(1,)", {1})) == DataType::Bool);
}

TEST_CASE("files that are no arrays of numbers are refused") {
  const auto refused = [](const std::string& bytes) {
    const auto tensor = parseNpy(bytes, "file.npy");
    return !tensor && tensor.error().code == ErrorCode::BadInput &&
           tensor.error().message.find("file.npy") != std::string::npos;
  };
  const auto good = npy<float>("<f4", false, "(2,)", {1, 2});
  REQUIRE_FALSE(refused(good));
  for (size_t size = 0; size < good.size(); ++size) CHECK(refused(good.substr(0, size)));
  CHECK(refused(good + "x"));
  CHECK(refused(npy<float>(">f4", false, "(2,)", {1, 2})));
  CHECK(refused(npy<float>("=f4", false, "(2,)", {1, 2})));
  CHECK(refused(npy<float>("<c8", false, "(1,)", {1, 2})));
  CHECK(refused(npy<float>("<U2", false, "(1,)", {1, 2})));
  CHECK(refused(npy<float>("<f4", false, "(-2,)", {1, 2})));
  CHECK(refused(npy<float>("<f4", false, "(2", {1, 2})));
  CHECK(refused(npy<float>("<f4", false, "(9223372036854775807, 9223372036854775807)", {1, 2})));
  CHECK(refused(npy<float>("<f4", false, "(99999999999999999999,)", {1, 2})));
  CHECK(refused(npy<float>("<f4", false, "(2,)", {1, 2}, 9)));
  auto noOrder = good;
  noOrder.replace(noOrder.find("fortran_order"), 13, "fortran_odder");
  CHECK(refused(noOrder));
}

TEST_CASE("ONNX's test data: a folder for each sample, in the order of their numbers") {
  const Folder folder;
  for (const int set : {10, 2}) {
    const auto where = folder / fmt::format("test_data_set_{}", set);
    write(where / "input_0.pb", proto(floats({1}, {static_cast<float>(set)})));
    write(where / "input_1.pb", proto(floats({1}, {0.5f}), "y"));
    write(where / "output_0.pb", "not looked at");
  }
  const auto read = readInputs(folder.path(), addThenMultiply());
  REQUIRE(read);
  CHECK_FALSE(read->synthetic);
  REQUIRE(read->samples.size() == 2);
  CHECK(read->samples[0].at("x") == floats({1}, {2}));
  CHECK(read->samples[1].at("x") == floats({1}, {10}));
  CHECK(read->samples[0].at("y") == floats({1}, {0.5f}));
}

TEST_CASE("arrays by the name of the input, in files and archives") {
  const Folder folder;
  const auto x = npy<float>("<f4", false, "(2,)", {1, 2});
  const auto y = npy<float>("<f4", false, "(2,)", {3, 4});
  write(folder / "x.npy", x);
  write(folder / "y.npy", y);
  writeZip(folder / "more.npz", {{"x.npy", y}, {"y.npy", x}}, true);
  writeZip(folder / "stored.npz", {{"x.npy", x}, {"y.npy", x}}, false);
  const auto read = readInputs(folder.path(), addThenMultiply());
  REQUIRE(read);
  REQUIRE(read->samples.size() == 3);
  CHECK(read->samples[0].at("x") == floats({2}, {3, 4}));
  CHECK(read->samples[0].at("y") == floats({2}, {1, 2}));
  CHECK(read->samples[1].at("y") == floats({2}, {1, 2}));
  CHECK(read->samples[2].at("y") == floats({2}, {3, 4}));

  const Folder slashes;
  auto model = makeModel({{"a/b:0", {"1"}}}, {{"out", {"1"}}});
  addNode(model.graphProto(), "Neg", {"a/b:0"}, {"out"});
  write(slashes / "a_b_0.npy", npy<float>("<f4", false, "(1,)", {7}));
  const auto named = readInputs(slashes.path(), model);
  REQUIRE(named);
  CHECK(named->samples[0].at("a/b:0") == floats({1}, {7}));
}

TEST_CASE("a folder that does not hold the inputs is refused with what is wrong") {
  const auto x = npy<float>("<f4", false, "(2,)", {1, 2});
  refuse("/no/such/folder", "no such folder");
  refuse("/dev/null", "not a folder");
  {
    const Folder folder;
    refuse(folder.path(), "holds no inputs");
    write(folder / "x.npy", x);
    refuse(folder.path(), "input y is missing");
    write(folder / "y.npy", npy<int64_t>("<i8", false, "(2,)", {1, 2}));
    refuse(folder.path(), "y.npy: holds int64, but input y is float32");
    write(folder / "y.npy", npy<float>("<f4", false, "(1, 2)", {1, 2}));
    refuse(folder.path(), "y.npy: has shape 1x2, but the model wants y=T");
    write(folder / "y.npy", "text");
    refuse(folder.path(), "y.npy: not a NumPy array");
    write(folder / "y.npy", x);
    write(folder / "z.npy", x);
    refuse(folder.path(), "z.npy: the model has no input z");
  }
  const Folder protos;
  write(protos / "input_0.pb", "\xFF\xFF\xFF not a message");
  refuse(protos.path(), "input_0.pb: not an ONNX tensor");
  write(protos / "input_0.pb", "");
  refuse(protos.path(), "input_0.pb: holds no tensor");
  onnx::TensorProto shortOne;
  shortOne.set_data_type(onnx::TensorProto::FLOAT);
  shortOne.add_dims(1000);
  shortOne.set_raw_data("1234");
  write(protos / "input_0.pb", shortOne.SerializeAsString());
  refuse(protos.path(), "input_0.pb");
  write(protos / "input_0.pb", proto(floats({1}, {1})));
  write(protos / "input_7.pb", proto(floats({1}, {1})));
  refuse(protos.path(), "input_7.pb: the model has 2 inputs");
  const Folder archives;
  write(archives / "a.npz", "not a zip");
  refuse(archives.path(), "a.npz: not an .npz archive");
  writeZip(archives / "a.npz", {{"x.npy", x.substr(0, 40)}}, true);
  refuse(archives.path(), "a.npz (x.npy)");
}

TEST_CASE("a damaged archive is refused") {
  const Folder folder;
  const auto x = npy<float>("<f4", false, "(512,)", std::vector<float>(512, 1.5f));
  writeZip(folder / "a.npz", {{"x.npy", x}, {"y.npy", x}}, true);
  auto bytes = *readFile(folder / "a.npz");
  bytes[60] = static_cast<char>(bytes[60] ^ 0x55);
  write(folder / "a.npz", bytes);
  refuse(folder.path(), "a.npz");
}

TEST_CASE("inputs that are no tensors cannot be read") {
  auto model = makeModel({}, {{"n", {}, DataType::Int64}});
  auto* input = model.graphProto().add_input();
  input->set_name("list");
  input->mutable_type()->mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(1);
  addNode(model.graphProto(), "SequenceLength", {"list"}, {"n"});
  const Folder folder;
  refuse(folder.path(), "input list is no tensor", model);
}
