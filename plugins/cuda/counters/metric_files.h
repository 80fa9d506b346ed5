// Which of a chip's counters make up a metric, and which metrics a set: the files in plugins/cuda/metrics, compiled in.
//
//   metric NAME unit=UNIT
//     say DESCRIPTION
//     term FACTOR COUNTER       the metric is the sum of factor times counter; a chip without it lacks the metric
//     maybe FACTOR COUNTER      the same, where the chip has it
//     every FACTOR PATTERN...   all of the chip's counters that a pattern fits ('*' stands for anything); ! excludes
//     of METRIC                 with all that another metric has
//   set NAME
//     say DESCRIPTION
//     has METRIC...             several lines add up
//
// Counters are CUPTI's: the name of one, a dot, and how it is taken together over the chip.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::cuda {

struct MetricTerm {
  enum class Kind { Needed, Maybe, Every };
  Kind kind = Kind::Needed;
  double factor = 1;
  std::vector<std::string> counters;  // one, or the patterns of Every
};

struct Metric {
  std::string name, unit, description;
  std::vector<MetricTerm> terms;
};

struct MetricSet {
  std::string name, description;
  std::vector<std::string> metrics;
};

struct MetricCatalog {
  std::vector<Metric> metrics;
  std::vector<MetricSet> sets;
  const Metric* metric(std::string_view name) const;
  const MetricSet* set(std::string_view name) const;
};

// Adds what a file says. False, with the line in `why`, when it makes no sense.
bool readMetricFile(std::string_view file, MetricCatalog& catalog, std::string& why);

// All files, in the order in which they may name each other.
const MetricCatalog& metricCatalog();

// Their contents.
std::vector<std::string_view> metricFiles();

}  // namespace ridgeline::cuda
