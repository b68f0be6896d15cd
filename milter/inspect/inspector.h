// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's side of the jail.  Hands one message to an idle worker process (postern-inspect) and gives back the
// facts of its body.  Blocks the calling thread at most until the deadline; a worker that dies, hangs or answers
// nonsense is killed and replaced, and the message is tried once more on a fresh one before it is given up as
// BodyFacts{inspected = false, timeout = true}.  Any thread may call.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "pdf/grey_picture.h"
#include "policy/facts.h"

namespace postern {

struct InspectOptions {
  std::string program;  // path of postern-inspect
  unsigned workers = 2;
  Millis timeout{2000};         // for one message
  uint64_t memory = 256 << 20;  // bytes of address space beyond the program's own
};

// Which pictures are worth their decoding, in the order of for_each_picture(), asked when all else is known.  Only
// those that are `skipped` can be decoded.  Never throws.
using PictureChoice = std::function<std::vector<bool>(const BodyFacts&)>;

// What the worker is told about a message: the header fields that govern the body's structure, and the body.
struct InspectRequest {
  std::string header;  // "Content-Type: ...\r\n..." : Content-*, MIME-Version, Subject, In-Reply-To, References
  std::string body;    // as received, at most body-limit bytes
  bool truncated = false;
  bool wants_pictures = true;  // fingerprints and picture facts
  PictureChoice choose;        // none: all pictures are decoded
  // Where page 1 of the first PDF that has pictures there is to be put; null: only facts are wanted, of everything.
  // With it, only the first pages of PDFs are looked at.
  GreyPicture* thumbnail = nullptr;
  Millis time_limit{2000};     // for examine(); Inspector::inspect() sets its own, from its timeout and the deadline
};

class Inspector {
 public:
  virtual ~Inspector() = default;
  virtual BodyFacts inspect(const InspectRequest& request, Deadline deadline) = 0;
  virtual uint64_t restarts() const = 0;
};

// Starts the worker pool.  Fails when the program cannot be run.
Result<std::unique_ptr<Inspector>> start_inspector(const InspectOptions& options);
// The inspector program: beside the running program if it stands there (a build tree), else the installed one.
std::string find_inspector();

}  // namespace postern
