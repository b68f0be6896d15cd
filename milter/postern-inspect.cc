// SPDX-License-Identifier: GPL-2.0-or-later
// postern-inspect: the jailed inspector.  Started by postern-milter and postern, one process for each worker.
#include <cstdlib>

#include "inspect/examine.h"
#include "inspect/worker.h"
#include "pdf/pdf.h"

int main(int argc, char** argv) {
  postern::prepare_pdf();  // reads files, so before the jail closes
  const int status = postern::run_worker(
      argc, argv, [](const postern::InspectRequest& request, const postern::Progress& before_risk) {
        return postern::examine(request, before_risk);
      });
  std::_Exit(status);  // in the jail, there is nothing that destructors could still do
}
