// Which operators of a network gain from another form on this machine, by timing one of each shape.
#pragma once

#include "advisor/rules/quantization/forms.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::advisor::quantization {

// A form counts as faster when it takes less than this share of the time as it is: below that, timing one operator
// alone is no evidence.
constexpr double kClearlyFaster = 0.95;

// Operators of one shape, and how long one takes alone.
struct ShapeTimes {
  std::string shape;            // "128x768x3072"
  std::vector<size_t> members;  // indices into what was surveyed
  double networkMs = 0;         // of all members together, as observed in the network
  double nowMs = 0;
  std::vector<double> formMs;       // by form; infinity where it does not run here
  std::string now = "float32";      // the form they have
  double ratio(size_t form) const;  // of times, form to the one they have; above 1: slower
};

struct Surveyed {
  std::string shape;
  double networkMs = 0;
  std::vector<KernelForm> forms;  // the one it has first
  std::string now = "float32";
};
// Groups by shape and times each group's forms, those that take most of the network's time first. Groups that take next
// to no time in the network are left out, as is what cannot be timed. Interrupted when the job is stopped.
Result<std::vector<ShapeTimes>> survey(std::span<const Surveyed> operators, const Subject& subject);

// Adds the members of a group, and what rewriting them wins, to a proposal.
template <class IdOf>
void addPlaces(Opportunity& opportunity, const ShapeTimes& group, size_t form, IdOf idOf) {
  const double gainMs = group.networkMs * (1 - group.ratio(form));
  opportunity.predictedGainMs += gainMs;
  for (const size_t i : group.members) {
    opportunity.places.push_back(idOf(i));
    opportunity.gainsMs.push_back(gainMs / static_cast<double>(group.members.size()));
  }
}

// "MatMul 128x768x3072: 2.1 ms as float32, 0.6 ms as dynamic INT8 (12 of them)"
std::string evidenceFor(const ShapeTimes& times, size_t form, std::string_view op, std::string_view formName);

// Says how each group fares in a form, and adds those that clearly win.
template <class IdOf>
void addWinners(Opportunity& opportunity, std::span<const ShapeTimes> groups, size_t form, std::string_view op,
                std::string_view formName, IdOf idOf) {
  for (const auto& group : groups) {
    opportunity.evidence.push_back(evidenceFor(group, form, op, formName));
    if (group.ratio(form) <= kClearlyFaster) addPlaces(opportunity, group, form, idOf);
  }
}

}  // namespace ridgeline::advisor::quantization
