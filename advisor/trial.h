// One line of the ledger: a proposal, what it was predicted to bring, and what it brought.
#pragma once

#include "advisor/goal.h"
#include "advisor/judge.h"
#include "advisor/rule.h"
#include "advisor/verify.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

struct Trial {
  Opportunity opportunity;
  RuleKind kind = RuleKind::Fusion;
  bool lossy = false;
  std::vector<std::string> enablers;  // exact rules applied along with it because it builds on them
  // Against the incumbent of its time, or, where memory or size is the goal, against the original. Absent when it was
  // not measured.
  std::optional<Judgement> judgement;
  // What surely pays only where idle threads sleep: `judgement` is of that, and this of where they spin.
  std::optional<Judgement> spinning;
  // Of where idle threads sleep, beside a small win where they spin.
  std::optional<Judgement> asleep;
  BeforeAfter bytes;                         // of memory or size, where that is the goal
  std::optional<Verification> verification;  // against the original
  bool accepted = false;
  std::string reason;  // why it was rejected; empty when accepted
  double seconds = 0;

  // What can be compared with predictions and with other trials. There must be a judgement.
  const Judgement& whereThreadsSpin() const { return spinning ? *spinning : *judgement; }
  // By which forms are compared: a program's threads may spin or sleep, so where both were measured, both count.
  double speedUp() const {
    const auto& other = spinning ? spinning : asleep;
    return other ? std::sqrt(judgement->ratio * other->ratio) : judgement->ratio;
  }
};

}  // namespace ridgeline::advisor
