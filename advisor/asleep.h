// What a rewrite is worth where the engine's idle threads sleep, as many programs ask for, beside where they spin,
// which is the default. A rewrite that makes operators fewer or kernels smaller can win in one and not in the other.
#pragma once

#include "advisor/judge.h"

namespace ridgeline::advisor {

// Not surely slower while threads spin, or so little that what it wins where they sleep can be worth it.
bool nearlyAsFast(const Judgement& spinning);

// Surely faster where threads sleep, by more than it loses where they spin. What changes numbers must win some percent.
bool paysAsleep(const Judgement& spinning, const Judgement& asleep, bool lossy);

// So small a win while threads spin that it may be lost where they sleep.
bool mayLoseAsleep(const Judgement& spinning);

// Surely slower where threads sleep, by more than it wins where they spin.
bool losesAsleep(const Judgement& spinning, const Judgement& asleep);

}  // namespace ridgeline::advisor
