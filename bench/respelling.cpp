// What it takes to run operators that the engine is slow at, as they are and respelled (advisor/rules/respelling), 2
// threads: the table of docs/decisions/0013.
#include "advisor/rules/respelling/respelling.h"

#include "advisor/kernel_runner.h"
#include "advisor/rules/quantization/form_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace {

using namespace ridgeline;
using advisor::quantization::filled;
using advisor::quantization::FormModel;
using Ints = std::vector<int64_t>;

constexpr int kThreads = 2;

struct Case {
  std::string text, opType;
  graph::Dims input;
  std::vector<std::pair<std::string, graph::AttributeValue>> attributes;
  std::vector<graph::Tensor> constants = {};
};

graph::Tensor slopes(int64_t channels) {
  auto tensor = filled(graph::DataType::Float, {channels, 1, 1});
  for (size_t i = 0; i < tensor.as<float>().size(); ++i) tensor.as<float>()[i] = i % 2 == 0 ? 0.25F : 0.1F;
  return tensor;
}

std::vector<Case> cases() {
  const auto weights = [](graph::Dims dims) { return filled(graph::DataType::Float, std::move(dims)); };
  return {
      {"Softmax 16x4x2100, over the 16", "Softmax", {1, 16, 4, 2100}, {{"axis", int64_t{1}}}},
      {"Softmax 21x128x128, over the 21", "Softmax", {1, 21, 128, 128}, {{"axis", int64_t{1}}}},
      {"LogSoftmax 64x56x56, over the 64", "LogSoftmax", {1, 64, 56, 56}, {{"axis", int64_t{1}}}},
      {"PRelu 48x96x96, a slope a channel", "PRelu", {1, 48, 96, 96}, {}, {slopes(48)}},
      {"PRelu 48x96x96, one slope", "PRelu", {1, 48, 96, 96}, {}, {graph::Tensor::scalar(0.25F)}},
      {"tanh(softplus(x)) 64x56x56", "Tanh", {1, 64, 56, 56}, {}},
      {"Einsum bhid,bhjd->bhij 12x197x64", "Einsum", {1, 12, 197, 64}, {{"equation", std::string("bhid,bhjd->bhij")}}},
      {"Einsum bsh,hd->bsd 128x768 by 768",
       "Einsum",
       {1, 128, 768},
       {{"equation", std::string("bsh,hd->bsd")}},
       {weights({768, 768})}},
      {"Conv of 31 on a line, depthwise, 256x400",
       "Conv",
       {1, 256, 400},
       {{"group", int64_t{256}}, {"pads", Ints{15, 15}}},
       {weights({256, 1, 31})}},
      {"Conv of 3 on a line, 256x400 by 256", "Conv", {1, 256, 400}, {{"pads", Ints{1, 1}}}, {weights({256, 256, 3})}},
      {"LRN 64x56x56", "LRN", {1, 64, 56, 56}, {{"size", int64_t{5}}}},
  };
}

graph::Model modelOf(const Case& c) {
  FormModel model("respelling", graph::DataType::Float, c.input);
  std::string x = "x";
  if (c.opType == "Tanh") x = model.add({"Softplus", {x}, {}, {}, {}, {}});
  std::vector<std::string> inputs{x};
  for (const auto& constant : c.constants) inputs.push_back(model.constant(constant));
  if (c.opType == "Einsum" && c.constants.empty()) inputs.push_back(x);
  model.output(model.add({c.opType, std::move(inputs), {}, c.attributes, {}, {}}));
  return std::move(model).take();
}

// nullopt where it is not recognized.
std::optional<graph::Model> respelled(const graph::Model& model, const std::string& opType) {
  auto copy = model.clone();
  graph::Graph graph(copy);
  const advisor::SymbolicShapes shapes(graph);
  graph::Node& node = *graph.nodesOf(opType).front();
  for (const auto* respelling : advisor::allRespellings()) {
    if (respelling->opType != opType || respelling->look(graph, shapes, node).nodes.empty()) continue;
    const std::string result = node.output(0);
    graph.replaceTensor(result, respelling->write(graph, shapes, node));
    graph.removeDead();
    graph.sort();
    return copy;
  }
  return std::nullopt;
}

}  // namespace

int main() {
  fmt::print("{:<44} {:>10} {:>10} {:>7}\n", "", "as it is", "respelled", "");
  for (const auto& c : cases()) {
    const auto before = modelOf(c);
    const auto after = respelled(before, c.opType);
    if (!after) {
      fmt::print("{:<44} is not respelled\n", c.text);
      continue;
    }
    std::vector<advisor::KernelRunner> runners;
    for (const auto* model : {&before, &*after}) {
      auto runner = advisor::KernelRunner::create({c.text, [&] { return model->clone(); }}, kThreads);
      if (!runner) {
        fmt::print(stderr, "{}: {}\n", c.text, runner.error().text());
        return 1;
      }
      runners.push_back(std::move(*runner));
    }
    advisor::runInterleaved(runners);
    const double was = runners[0].ms().value_or(0), is = runners[1].ms().value_or(0);
    fmt::print("{:<44} {:>7.3f} ms {:>7.3f} ms {:>6.2f}x\n", c.text, was, is, was / is);
  }
  return 0;
}
