#include "advisor/rules/fuse_attention_result.h"

#include "advisor/rules/fusion_rule.h"

namespace ridgeline::advisor {

void handOnAttention(graph::Graph& graph, const SymbolicShapes& shapes, const AttentionBlock& block,
                     const std::string& made) {
  const std::string split = block.output->output(0);
  const graph::Node* const reader = graph.onlyConsumer(split);
  auto mergedDims = shapes.dims(split);
  if (reader && graph::isOp(*reader, "Reshape") && mergedDims && mergedDims->size() == 4) {
    mergedDims->pop_back();
    mergedDims->back() = block.heads * block.valueSize;
    if (shapes.dims(reader->output(0)) == mergedDims) return graph.replaceTensor(reader->output(0), made);
  }
  const std::string shape = addInts(graph, {0, 0, block.heads, block.valueSize}, "split_shape");
  graph.replaceTensor(split, addNamed(graph, {"Reshape", {made, shape}, {}, {}, {}, {}}, split + "_split"));
}

}  // namespace ridgeline::advisor
