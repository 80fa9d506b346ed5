#include "graph/samples/samples.h"

#include "graph/samples/networks.h"

#include <functional>

namespace ridgeline::graph {

namespace {

using namespace networks;

struct Sample {
  SampleInfo info;
  std::function<Model(uint64_t)> make;
};

const std::vector<Sample>& table() {
  static const std::vector<Sample> all{
      {{"resnet50", "ResNet-50, 224x224 images, 25.6 M weights"}, [](uint64_t s) { return makeResnet({}, s); }},
      {{"bert-base", "BERT-base encoder with a classifier, 109 M weights"}, [](uint64_t s) { return makeBert({}, s); }},
      {{"llama-decode", "Llama-style decode step with a key/value cache, 220 M weights"},
       [](uint64_t s) { return makeLlamaDecode({}, s); }},
      {{"tiny-resnet", "residual network with 4 blocks, 64x64 images", true},
       [](uint64_t s) {
         return makeResnet({.width = 8, .blocks = {1, 1, 1, 1}, .imageSize = 64, .classes = 10}, s);
       }},
      {{"tiny-bert", "two encoder layers, 32 wide", true},
       [](uint64_t s) {
         return makeBert({.width = 32, .heads = 4, .layers = 2, .vocabulary = 100, .positions = 64}, s);
       }},
      {{"tiny-llama", "two decoder layers, 32 wide", true},
       [](uint64_t s) {
         return makeLlamaDecode({.width = 32, .heads = 4, .hidden = 64, .layers = 2, .vocabulary = 100}, s);
       }},
  };
  return all;
}

}  // namespace

const std::vector<SampleInfo>& samples() {
  static const std::vector<SampleInfo> infos = [] {
    std::vector<SampleInfo> list;
    for (const Sample& sample : table()) list.push_back(sample.info);
    return list;
  }();
  return infos;
}

Result<Model> makeSample(std::string_view name, uint64_t seed) {
  std::string known;
  for (const Sample& sample : table()) {
    if (sample.info.name == name) return sample.make(seed);
    if (!sample.info.forTests) known += (known.empty() ? "" : ", ") + sample.info.name;
  }
  return fail(ErrorCode::Usage, fmt::format("no sample network is called '{}'", name), "there are: " + known);
}

}  // namespace ridgeline::graph
