// Runs the small models of preflight.h and times them on a machine that others use too.
#pragma once

#include "advisor/preflight.h"
#include "engine/session.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// Times in processor time: it leaves out waiting for a processor, so that the figure stands whoever else is using the
// machine. The fastest run counts, as others in the machine only ever add to a kernel's time.
class KernelRunner {
 public:
  // Builds the form, makes up its inputs and warms it. Fails when the engine cannot run it.
  static Result<KernelRunner> create(const KernelForm& form, int threads);

  void runOnce();
  // Of one copy of the operator; nullopt before the first run.
  std::optional<double> ms() const;
  // Several runs agree on the fastest time.
  bool settled() const;
  const std::string& key() const { return m_key; }

 private:
  KernelRunner(const KernelForm& form, engine::Session session)
      : m_key(form.key), m_copies(form.copies), m_session(std::move(session)) {}

  std::string m_key;
  int m_copies;
  engine::Session m_session;
  std::vector<double> m_all;     // ms of processor time of all threads together, one value a run
  std::vector<double> m_caller;  // of the calling thread
};

// Rounds of one run each, until every runner is settled or has had its share of time.
void runInterleaved(std::span<KernelRunner> runners);

}  // namespace ridgeline::advisor
