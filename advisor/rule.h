// What a rewrite rule is. A rule finds its opportunities in a model and applies one of them to a copy. It does not
// measure and does not decide: the search tries what the rules propose and keeps what the judge finds faster and right.
#pragma once

#include "advisor/device_advice.h"
#include "advisor/goal.h"
#include "base/progress.h"
#include "base/result.h"
#include "engine/tap.h"
#include "graph/graph.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::advisor {

class KernelTimes;  // preflight.h: how fast this machine runs one operator in its various forms
class Calibration;  // calibration.h: value ranges of tensors
class Experience;   // experience.h: how much of what was predicted came true

enum class RuleKind { Fusion, Quantization, Layout, Folding, Engine };
std::string_view nameOf(RuleKind kind);

struct RuleInfo {
  std::string name;  // "fuse-attention"
  RuleKind kind;
  bool lossy = false;   // changes numbers beyond rounding
  std::string summary;  // one line for people
  // Exact rules whose rewrite this one builds on (batch normalization folded before convolutions are quantized). They
  // are applied first, in this order, when this one is tried; they need not pay for themselves.
  std::vector<std::string> after;
};

// One proposal: a rule, and the places where it applies. Places are node ids (graph::idOf).
struct Opportunity {
  std::string rule;
  std::string variant;                // which form of the rewrite: "u8s8-qdq"; empty when there is one
  std::string target;                 // for people: "12 attention blocks", "53 Conv"
  std::vector<std::string> places;    // anchors, one per place; any subset can be applied
  std::vector<std::string> evidence;  // facts it stands on: "MatMul 128x768x3072: 2.1 ms as float32, 0.6 ms as INT8"
  double predictedGainMs = 0;         // per run; 0 when the rule cannot tell
  double untemperedGainMs = 0;        // the same as the rule said it, before experience (propose.h)
  bool looked = false;                // the prediction is a short run of the whole model, which needs no experience
  std::string risk;                   // "output precision drops to INT8 activations"; empty for exact rules
  std::vector<double> gainsMs;        // of each place, where the rule can tell; else empty
};

// A pattern that almost matched, and what stood in the way.
struct NearMiss {
  std::string rule;
  std::string place;  // node id
  std::string why;    // "attention in layer 0: the mask is added after the softmax"
};

// Time of the nodes of the model at hand as last observed, by node id, in ms per run. A fused operator's time is split
// among the nodes it stands for by their modelled work. Nodes folded away take no time and are absent.
using NodeTimes = std::unordered_map<std::string, double>;
// Nodes that the engine made parts of one operator have the same number here; others are absent.
using FusedNodes = std::unordered_map<std::string, size_t>;

// Everything a rule may look at.
struct Subject {
  const graph::Model& model;
  const engine::ShapeMap& shapes;  // of the model's tensors as it runs with the job's inputs
  const NodeTimes& times;
  double latencyMs = 0;
  int threads = 0;
  bool pinnedShapes = false;  // the user wants a model for the shapes it is run with, and no others
  bool ioLayout = false;      // axes of inputs and outputs may come in another order
  int64_t maxOpset = std::numeric_limits<int64_t>::max();  // ONNX's own operators may be as new as this
  KernelTimes& kernels;                                    // measures on demand, caches
  Calibration& calibration;                                // runs the model on demand, caches
  Job job;
  std::span<const DeviceAdvice> deviceAdvice = {};  // of the device that the model runs on
  const engine::NamedTensors* sample = nullptr;     // what the model is run with; null: it must not be run
  double lookSeconds = 0;                           // what a rule may spend on running the model to make its prediction
  Experience* experience = nullptr;                 // null: predictions stand as rules make them
  Goal goal = Goal::Latency;                        // memory and size: what does not run faster may be worth it too
  const FusedNodes* fused = nullptr;                // null: nothing is known

  const engine::TensorFacts* shape(std::string_view tensor) const;  // null when unknown
  double time(const std::vector<graph::Node*>& nodes) const;        // sum, unknown ones as 0
  bool runAsOne(const graph::Node& a, const graph::Node& b) const;  // the engine made one operator of both
};

class Rule {
 public:
  virtual ~Rule() = default;
  virtual const RuleInfo& info() const = 0;
  // Must not change the graph (it is handed over non-const because matching needs node handles).
  virtual Result<std::vector<Opportunity>> find(graph::Graph& graph, const Subject& subject,
                                                std::vector<NearMiss>* nearMisses) const = 0;
  // Rewrites the opportunity's places; returns how many were rewritten. A place that no longer matches is skipped.
  virtual Result<int> apply(graph::Graph& graph, const Opportunity& opportunity, const Subject& subject) const = 0;
  // The same done otherwise, at the same speed: tried when the outputs of a lossy one are not good enough.
  virtual std::vector<Opportunity> gentler(const Opportunity&) const { return {}; }
};

// Every rule, in the order in which ties are broken: exact before lossy.
const std::vector<std::unique_ptr<Rule>>& allRules();
const Rule* findRule(std::string_view name);

}  // namespace ridgeline::advisor
