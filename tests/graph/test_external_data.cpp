// Weights in files beside the model: found, checked, read, and written anew.
#include "base/files.h"
#include "tests/graph/build.h"

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

using namespace ridgeline;
using namespace ridgeline::graph;
using namespace ridgeline::graph::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

// A model with one external weight of two floats called w.
Model externalModel(const Entries& entries) {
  auto model = emptyModel();
  auto& graph = model.graphProto();
  input(graph, "x", {2});
  output(graph, "y", {2});
  node(graph, "Add", {"x", "w"}, {"y"});
  auto* tensor = graph.add_initializer();
  tensor->set_name("w");
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  tensor->add_dims(2);
  tensor->set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : entries) {
    auto* entry = tensor->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
  return model;
}

std::string floatBytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

struct Fixture {
  TemporaryFolder folder = TemporaryFolder::create("test").value();
  fs::path path(const std::string& name) const { return folder.path() / name; }
  void write(const std::string& name, const std::string& content) const {
    REQUIRE(writeFileAtomically(path(name), content));
  }
  Result<Model> load(const Entries& entries) const {
    write("m.onnx", externalModel(entries).proto().SerializeAsString());
    return Model::load(path("m.onnx"));
  }
  std::string refusal(const Entries& entries) const {
    const auto model = load(entries);
    REQUIRE_FALSE(model);
    CHECK(model.error().code == ErrorCode::BadInput);
    return model.error().text();
  }
  int files() const {
    int count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path())) ++count;
    return count;
  }
};

// A model whose weights exceed 1 KiB each: two of 512 floats, and a small one.
Model largeModel(float value) {
  auto model = emptyModel();
  auto& graph = model.graphProto();
  input(graph, "x", {512});
  output(graph, "y", {512});
  weight(graph, "a", {512}, std::vector<float>(512, value));
  weight(graph, "b", {512}, std::vector<float>(512, value + 1));
  weight(graph, "c", {1}, {value + 2});
  node(graph, "Sum", {"x", "a", "b", "c"}, {"y"});
  return model;
}

constexpr SaveOptions apart{.maxFileBytes = 1000};

}  // namespace

TEST_CASE_METHOD(Fixture, "External weights are read from where the entry says") {
  write("w.bin", "junk" + floatBytes({3, 4}) + "more");
  const auto model = load({{"location", "w.bin"}, {"offset", "4"}, {"length", "8"}, {"checksum", "unknown keys pass"}});
  REQUIRE(model);
  const auto value = model->tensor(model->graphProto().initializer(0));
  REQUIRE(value);
  CHECK(value->toFloats() == std::vector<float>{3, 4});
  CHECK(model->byteSize() == static_cast<int64_t>(model->proto().ByteSizeLong()) + 8);

  fs::create_directory(path("sub"));
  write("sub/w.bin", floatBytes({5, 6}));
  auto inSub = load({{"location", "sub/w.bin"}});
  REQUIRE(inSub);
  CHECK(Graph(*inSub).constant("w")->toFloats() == std::vector<float>{5, 6});
  CHECK(load({{"location", "sub/../w.bin"}}));
  CHECK(load({{"location", "./w.bin"}, {"length", "0"}}));
}

TEST_CASE_METHOD(Fixture, "External weights that cannot be had are refused at load") {
  write("w.bin", floatBytes({3, 4}));
  CHECK_THAT(refusal({{"location", "gone.bin"}}), Contains("gone.bin: no such file") && Contains("'w'"));
  CHECK_THAT(refusal({{"location", "w.bin"}, {"offset", "4"}}), Contains("w.bin: too short for tensor 'w'"));
  CHECK_THAT(refusal({{"location", "w.bin"}, {"length", "7"}}), Contains("needs 8 bytes, but its external data has 7"));
  CHECK_THAT(refusal({{"location", "w.bin"}, {"offset", "-4"}}), Contains("offset '-4'"));
  CHECK_THAT(refusal({{"location", "w.bin"}, {"offset", "4k"}}), Contains("not a byte count"));
  CHECK_THAT(refusal({{"location", "w.bin"}, {"offset", ""}}), Contains("not a byte count"));
  CHECK_THAT(refusal({{"location", "w.bin"}, {"offset", "99999999999999999999"}}), Contains("not a byte count"));
  CHECK_THAT(refusal({{"location", "w.bin"}, {"offset", "9223372036854775807"}}), Contains("past any file"));
  CHECK_THAT(refusal({{"location", "."}}), Contains("not inside"));
  CHECK_THAT(refusal({}), Contains("not inside"));
  CHECK_THAT(refusal({{"location", path("w.bin").string()}}), Contains("not inside the model's folder"));
  CHECK_THAT(refusal({{"location", "../w.bin"}}), Contains("not inside the model's folder"));
  CHECK_THAT(refusal({{"location", "sub/../../w.bin"}}), Contains("not inside the model's folder"));
  fs::create_directory(path("folder.bin"));
  CHECK_THAT(refusal({{"location", "folder.bin"}}), Contains("not a regular file"));
  CHECK_FALSE(Model::parse(externalModel({{"location", "w.bin"}}).proto().SerializeAsString()));
  CHECK(Model::parse(externalModel({{"location", "w.bin"}}).proto().SerializeAsString(), folder.path()));
}

TEST_CASE_METHOD(Fixture, "Claims of impossible sizes do not cost memory") {
  auto model = externalModel({{"location", "w.bin"}});
  model.graphProto().mutable_initializer(0)->set_dims(0, int64_t{1} << 61);
  write("w.bin", "tiny");
  write("m.onnx", model.proto().SerializeAsString());
  CHECK_FALSE(Model::load(path("m.onnx")));
}

TEST_CASE_METHOD(Fixture, "A file cut after the load is an error when it is read") {
  write("w.bin", floatBytes({3, 4}));
  auto model = load({{"location", "w.bin"}});
  REQUIRE(model);
  write("w.bin", "");
  CHECK(model->tensor(model->graphProto().initializer(0)).error().code == ErrorCode::BadInput);
  CHECK_FALSE(Graph(*model).constant("w"));
  CHECK(Graph(*model).constantDims("w") == Dims{2});
  CHECK_FALSE(model->serialize());
  CHECK_FALSE(model->save(path("out.onnx")));
  CHECK_FALSE(fs::exists(path("out.onnx")));
}

TEST_CASE_METHOD(Fixture, "Saving pulls external weights in where they fit") {
  write("w.bin", floatBytes({3, 4}));
  const auto model = load({{"location", "w.bin"}});
  REQUIRE(model);
  fs::create_directory(path("elsewhere"));
  REQUIRE(model->save(path("elsewhere/out.onnx")));
  auto saved = Model::load(path("elsewhere/out.onnx"));
  REQUIRE(saved);
  CHECK(Graph(*saved).constant("w")->toFloats() == std::vector<float>{3, 4});
  CHECK(saved->graphProto().initializer(0).external_data_size() == 0);
  CHECK(model->graphProto().initializer(0).external_data_size() == 1);
  CHECK(Model::parse(model->serialize().value()));
}

TEST_CASE_METHOD(Fixture, "Weights go into a file beside the model when it gets too large") {
  const auto model = largeModel(1);
  REQUIRE(model.save(path("out.onnx"), apart));
  CHECK(files() == 2);
  CHECK(fs::file_size(path("out.onnx.data")) == 4096 + 2048);
  CHECK(fs::file_size(path("out.onnx")) < 1000);
  auto saved = Model::load(path("out.onnx"));
  REQUIRE(saved);
  CHECK(saved->graphProto().initializer(0).external_data(0).value() == "out.onnx.data");
  CHECK(saved->graphProto().initializer(1).external_data(1).value() == "4096");
  CHECK(saved->graphProto().initializer(2).has_raw_data());
  CHECK(saved->serialize().value() == model.proto().SerializeAsString());

  SECTION("and moves with both files") {
    fs::create_directory(path("moved"));
    fs::rename(path("out.onnx"), path("moved/out.onnx"));
    fs::rename(path("out.onnx.data"), path("moved/out.onnx.data"));
    CHECK(Model::load(path("moved/out.onnx"))->serialize().value() == model.proto().SerializeAsString());
  }
  SECTION("from one external file to another, and over an older pair") {
    REQUIRE(largeModel(7).save(path("copy.onnx"), apart));
    REQUIRE(saved->save(path("copy.onnx"), apart));
    CHECK(Model::load(path("copy.onnx"))->serialize().value() == model.proto().SerializeAsString());
    CHECK(files() == 4);
  }
  SECTION("never over the data it still reads") {
    const auto refused = saved->save(path("out.onnx"), apart);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::Usage);
    CHECK(files() == 2);
    CHECK(Model::load(path("out.onnx"))->serialize().value() == model.proto().SerializeAsString());
  }
}

TEST_CASE_METHOD(Fixture, "External weights of subgraphs are carried along") {
  auto model = largeModel(1);
  auto& branch = node(model.graphProto(), "If", {"x"}, {"z"});
  auto& body = *branch.add_attribute()->mutable_g();
  branch.mutable_attribute(0)->set_name("then_branch");
  weight(body, "inner", {300}, std::vector<float>(300, 5));
  output(body, "inner");
  auto& constant = *body.add_node();
  constant.set_op_type("Constant");
  constant.add_output(std::string("k"));
  setAttribute(constant, "value", Tensor(DataType::Float, {400}));
  REQUIRE(model.save(path("out.onnx"), apart));
  const auto saved = Model::load(path("out.onnx"));
  REQUIRE(saved);
  const auto& savedBody = saved->graphProto().node(1).attribute(0).g();
  CHECK(savedBody.initializer(0).data_location() == onnx::TensorProto::EXTERNAL);
  CHECK(saved->tensor(savedBody.initializer(0))->toFloats() == std::vector<float>(300, 5));
  CHECK(savedBody.node(0).attribute(0).t().has_raw_data());
}

// While no file may grow beyond so many bytes, as on a full disk.
class NoRoom {
 public:
  explicit NoRoom(rlim_t bytes) : m_handler(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &m_before);
    const rlimit low{bytes, m_before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &low);
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;
  ~NoRoom() {
    setrlimit(RLIMIT_FSIZE, &m_before);
    std::signal(SIGXFSZ, m_handler);
  }

 private:
  rlimit m_before{};
  void (*m_handler)(int);
};

class TemporaryFilesIn {
 public:
  explicit TemporaryFilesIn(const fs::path& folder) : m_before(fs::temp_directory_path()) {
    ::setenv("TMPDIR", folder.c_str(), 1);
  }
  TemporaryFilesIn(const TemporaryFilesIn&) = delete;
  TemporaryFilesIn& operator=(const TemporaryFilesIn&) = delete;
  ~TemporaryFilesIn() { ::setenv("TMPDIR", m_before.c_str(), 1); }

 private:
  fs::path m_before;
};

TEST_CASE_METHOD(Fixture, "A heavy model can keep its weights in a file while it is worked on") {
  const TemporaryFilesIn here(folder.path());
  auto model = std::make_optional(largeModel(1));
  const auto whole = model->proto().SerializeAsString();
  const auto bytes = model->byteSize();
  SECTION("and is the same model, as are its copies") {
    model->setWeightsAside(1000);
    CHECK(files() == 1);
    CHECK(model->proto().ByteSizeLong() < 1000);
    CHECK(model->byteSize() > bytes);  // what points to the file comes on top
    CHECK(model->byteSize() < bytes + 200);
    auto copy = std::make_optional(model->clone());
    model.reset();
    CHECK(copy->tensor(copy->graphProto().initializer(1))->toFloats() == std::vector<float>(512, 2));
    CHECK(copy->serialize().value() == whole);
    REQUIRE(copy->save(path("out.onnx")));
    CHECK(readFile(path("out.onnx")).value() == whole);
    copy.reset();
    CHECK(files() == 1);
  }
  SECTION("but only then") {
    model->setWeightsAside(1'000'000);
    CHECK(model->proto().SerializeAsString() == whole);
  }
  SECTION("and stays as it was where there is no room") {
    const NoRoom full(3000);  // enough for the first weight
    model->setWeightsAside(1000);
    CHECK(model->proto().SerializeAsString() == whole);
    CHECK(files() == 0);
  }
}

TEST_CASE_METHOD(Fixture, "What cannot be written leaves nothing behind") {
  const auto model = largeModel(1);
  SECTION("no such folder") {
    const auto refused = model.save(path("none/out.onnx"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::Unavailable);
  }
  SECTION("no room, in one file or in two") {
    write("out.onnx", "older");
    const auto [one, two] = [&] {
      const NoRoom full(1500);
      return std::pair(model.save(path("out.onnx")), model.save(path("out.onnx"), apart));
    }();
    for (const auto* refused : {&one, &two}) {
      REQUIRE_FALSE(*refused);
      CHECK(refused->error().code == ErrorCode::Unavailable);
      CHECK_THAT(refused->error().text(), Contains("cannot write") && Contains("out.onnx"));
    }
    CHECK(readFile(path("out.onnx")).value() == "older");
    CHECK(files() == 1);
  }
}
