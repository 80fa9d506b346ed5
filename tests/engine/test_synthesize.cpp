#include "engine/inputs.h"
#include "tests/engine/models.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ridgeline;
using namespace ridgeline::engine;
using namespace ridgeline::engine::test;

namespace {

InputSet synthesize(const graph::Model& model, const std::vector<std::string>& shapes = {}, int samples = 1) {
  const auto request = parseShapes(shapes, model);
  if (!request) FAIL(request.error().text());
  auto set = synthesizeInputs(model, *request, samples);
  if (!set) FAIL(set.error().text());
  return std::move(*set);
}

bool mentions(const InputSet& set, const std::string& words) {
  for (const auto& note : set.notes) {
    if (note.find(words) != std::string::npos) return true;
  }
  return false;
}

// Rows of an embedding picked by ids that come through a cast and a reshape.
graph::Model embedding(int64_t rows) {
  auto model = makeModel({{"ids", {"N", "T"}, DataType::Int32}}, {{"out", {"", "", "4"}}});
  auto& graph = model.graphProto();
  addWeight(graph, "table", Tensor(DataType::Float, {rows, 4}));
  addWeight(graph, "axis", longs({1}, {0}));
  auto& cast = addNode(graph, "Cast", {"ids"}, {"wide"});
  graph::setAttribute(cast, "to", int64_t{7});
  addNode(graph, "Unsqueeze", {"wide", "axis"}, {"shaped"});
  addNode(graph, "Squeeze", {"shaped", "axis"}, {"flat"});
  addNode(graph, "Gather", {"table", "flat"}, {"out"});
  return model;
}

}  // namespace

TEST_CASE("shapes are given by input or by symbol") {
  const auto model = makeModel({{"ids", {"N", "T"}}, {"mask", {"N", "T"}}, {"fixed", {"3"}}}, {});
  const auto request = parseShapes({"ids=2x16", "N=2"}, model);
  REQUIRE(request);
  CHECK(request->inputs.at("ids") == Dims{2, 16});
  CHECK(request->symbols.at("N") == 2);
  const auto refuse = [&](const std::vector<std::string>& arguments, const std::string& words) {
    const auto refused = parseShapes(arguments, model);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::Usage);
    CHECK_THAT(refused.error().text(), Catch::Contains(words) && Catch::Contains("ids=NxT"));
  };
  refuse({"nothing=1"}, "no input or dimension nothing");
  refuse({"ids"}, "expected NAME=1x128");
  refuse({"=4"}, "expected NAME=1x128");
  refuse({"ids=1"}, "has 2 dimensions, not 1");
  refuse({"fixed=4"}, "dimension 0 of fixed is fixed at 3");
  refuse({"ids=1x"}, "not a shape");
  refuse({"ids=1xtwo"}, "not a shape");
  refuse({"ids=1x-2"}, "not a shape");
  refuse({"ids=1x99999999999999999999"}, "not a shape");
  refuse({"T=1x2"}, "is one dimension");
  refuse({"ids=2x16", "T=8"}, "T is given as both");
  refuse({"ids=2x16", "mask=2x8"}, "T is given as both");
}

TEST_CASE("a wrong shape for a model of many inputs is answered in one short line") {
  std::vector<Port> ports{{"ids", {"1", "1"}}};
  for (int i = 0; i < 24; ++i) ports.push_back({fmt::format("past_{}", i), {"1", "16", "past", "64"}});
  const auto refused = parseShapes({"P=256"}, makeModel(ports, {}));
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().text(), Catch::EndsWith("past_2=1x16xpastx64 and 21 more; its open dimensions are past"));
}

TEST_CASE("open dimensions are one, and said to be") {
  const auto set = synthesize(addThenMultiply());
  CHECK(set.synthetic);
  REQUIRE(set.samples.size() == 1);
  CHECK(set.samples[0].at("x").dims() == Dims{1});
  CHECK(mentions(set, "dimension T of x taken as 1; --shape T=N sets it"));
  const auto given = synthesize(addThenMultiply(), {"T=5"});
  CHECK(given.samples[0].at("y").dims() == Dims{5});
  CHECK(given.notes.empty());
  // The shape of one input fixes what it shares with another.
  CHECK(synthesize(addThenMultiply(), {"x=7"}).samples[0].at("y").dims() == Dims{7});
}

TEST_CASE("sizes with which the model runs are found") {
  // Two halves of an even length: the length one does not do.
  auto model = makeModel({{"x", {"N", "L"}}}, {{"a", {"", ""}}, {"b", {"", ""}}});
  addWeight(model.graphProto(), "halves", longs({2}, {8, 8}));
  auto& split = addNode(model.graphProto(), "Split", {"x", "halves"}, {"a", "b"});
  graph::setAttribute(split, "axis", int64_t{1});
  const auto set = synthesize(model);
  CHECK(set.samples[0].at("x").dims() == Dims{1, 16});
  CHECK(mentions(set, "dimension L of x taken as 16"));
  // With a length that it does not run with there is nothing to find.
  const auto refused = synthesizeInputs(model, *parseShapes({"x=1x4"}, model), 1);
  REQUIRE(refused);  // nothing was left open: the run itself will tell
  const auto impossible = synthesizeInputs(model, *parseShapes({"L=4"}, model), 1);
  REQUIRE_FALSE(impossible);
  CHECK(impossible.error().code == ErrorCode::BadInput);
  CHECK_THAT(impossible.error().text(), Catch::Contains("--shape"));
}

TEST_CASE("a decoder's total length is the sum of its parts") {
  auto model = makeModel({{"ids", {"B", "seq_len"}, DataType::Int64},
                          {"past", {"B", "past_len", "2"}},
                          {"mask", {"B", "total_len"}},
                          {"other", {"B", "past_len + 3"}}},
                         {{"joined", {"", "", "2"}}});
  auto& graph = model.graphProto();
  addWeight(graph, "table", Tensor(DataType::Float, {50, 2}));
  addNode(graph, "Gather", {"table", "ids"}, {"new"});
  auto& concat = addNode(graph, "Concat", {"past", "new"}, {"all"});
  graph::setAttribute(concat, "axis", int64_t{1});
  addWeight(graph, "axis", longs({1}, {2}));
  addNode(graph, "Unsqueeze", {"mask", "axis"}, {"wide"});
  addNode(graph, "Mul", {"all", "wide"}, {"joined"});
  const auto set = synthesize(model, {"past_len=6"});
  const auto& sample = set.samples[0];
  CHECK(sample.at("past").dims() == Dims{1, 6, 2});
  CHECK(sample.at("ids").dims() == Dims{1, 1});
  CHECK(sample.at("mask").dims() == Dims{1, 7});
  CHECK(sample.at("other").dims() == Dims{1, 9});
  // Masks let everything through.
  for (const float v : sample.at("mask").as<float>()) CHECK(v == 1.0f);
}

TEST_CASE("names of dimensions that lead nowhere do no harm") {
  auto model = makeModel({{"a", {"past_mask", "mask_seq", "total"}},
                          {"b", {"9223372036854775807 + 9223372036854775807 + x"}},
                          {"c", {"+", "mask_seq + past_mask", "1 + unknown", "-5 + 2"}}},
                         {{"a1", {"", "", ""}}, {"b1", {""}}, {"c1", {"", "", "", ""}}});
  for (const char* name : {"a", "b", "c"}) addNode(model.graphProto(), "Neg", {name}, {std::string(name) + "1"});
  const auto refused = synthesizeInputs(model, {}, 1);
  REQUIRE_FALSE(refused);  // b alone would be terabytes
  CHECK_THAT(refused.error().message, Catch::Contains("input b of shape 1099511627776"));
  const auto set = synthesize(model, {"b=1"});
  CHECK(set.samples[0].at("a").dims() == Dims{1, 1, 2});
  CHECK(set.samples[0].at("c").dims() == Dims{2, 2, 2, 2});
}

TEST_CASE("indices stay within the table they index") {
  for (const int64_t rows : {3, 5000}) {
    const auto set = synthesize(embedding(rows), {"ids=4x64"});
    const auto bound = std::min<int64_t>(rows, 100);
    int64_t largest = 0;
    for (const auto id : set.samples[0].at("ids").toInts()) {
      CHECK(id >= 0);
      CHECK(id < bound);
      largest = std::max(largest, id);
    }
    CHECK(largest >= bound * 2 / 3);  // spread over the range
  }
}

TEST_CASE("floats are standard normal, the same for the same seed, other for each sample") {
  auto model = makeModel({{"x", {"10000"}}, {"h", {"10000"}, DataType::Float16}, {"flag", {"2"}, DataType::Bool}}, {});
  const auto set = synthesize(model, {}, 2);
  REQUIRE(set.samples.size() == 2);
  for (const auto* name : {"x", "h"}) {
    double sum = 0, squares = 0;
    for (const float v : set.samples[0].at(name).toFloats()) {
      sum += v;
      squares += static_cast<double>(v) * v;
    }
    CHECK(std::abs(sum / 10000) < 0.05);
    CHECK(std::abs(squares / 10000 - 1) < 0.1);
  }
  CHECK(set.samples[0].at("flag").toInts() == std::vector<int64_t>{1, 1});
  CHECK(set.samples[0].at("x") == synthesize(model, {}, 2).samples[0].at("x"));
  CHECK_FALSE(set.samples[0].at("x") == set.samples[1].at("x"));
  const auto other = synthesizeInputs(model, {}, 1, 2);
  CHECK_FALSE(set.samples[0].at("x") == other->samples[0].at("x"));
}

TEST_CASE("a number that decides whether the model runs is found") {
  // Expands to a shape given as an input: a random one would not do.
  auto model = makeModel({{"x", {"2", "3"}}, {"new_shape", {"2"}, DataType::Int64}}, {{"y", {"", ""}}});
  addNode(model.graphProto(), "Expand", {"x", "new_shape"}, {"y"});
  const auto set = synthesize(model);
  CHECK(set.samples[0].at("new_shape").toInts() == std::vector<int64_t>{1, 1});
  CHECK(mentions(set, "new_shape taken as 1"));
}

TEST_CASE("what cannot be made up is refused") {
  auto model = makeModel({{"c", {"1"}, DataType::Complex64}}, {});
  const auto complex = synthesizeInputs(model, {}, 1);
  REQUIRE_FALSE(complex);
  CHECK_THAT(complex.error().message, Catch::Contains("input c has the element type complex64"));
  const auto huge = makeModel({{"x", {"1099511627776", "1099511627776"}}}, {});
  const auto large = synthesizeInputs(huge, {}, 1);
  REQUIRE_FALSE(large);
  CHECK_THAT(large.error().message, Catch::Contains("input x of shape 1099511627776x1099511627776 does not fit"));
}

TEST_CASE("every shared model that the engine runs gets inputs with which it does") {
  const auto models = sharedModels();
  if (models.empty()) {
    WARN("skipped: no shared models here; RIDGELINE_SHARED_DATA names their folder");
    return;
  }
  int ran = 0, refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(models)) {
    if (entry.path().extension() != ".onnx") continue;
    const auto name = entry.path().filename().string();
    INFO(name);
    const auto model = graph::Model::load(entry.path());
    auto session = model ? Session::create(*model, {}) : Result<Session>(tl::unexpected<Error>(model.error()));
    if (!session) {
      CHECK(session.error().code == ErrorCode::BadInput);
      CHECK(name.starts_with("bad_"));
      ++refused;
      continue;
    }
    const auto set = synthesize(*model);
    const auto bound = session->bind(set.samples[0]);
    if (!bound) FAIL(bound.error().text());
    const auto run = session->run();
    if (!run) FAIL(run.error().text());
    ++ran;
  }
  CHECK(ran == 41);
  CHECK(refused == 3);
}
