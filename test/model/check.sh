#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Has spin look at every run of the model in follow.pml: it must hold, and each of the ways to break it must be found.
[ -z "${POSTERN_SKIP_SYSTEM:-}" ] || { echo "SKIP: POSTERN_SKIP_SYSTEM is set"; exit 77; }
command -v spin >/dev/null || { echo "SKIP: spin is not installed"; exit 77; }
model=$(cd "${top_srcdir:-.}/test/model" && pwd)/follow.pml
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99

# compiled PROGRAM "OPTION..." [SPIN-OPTION...]
compiled() {
  program=$1 options=$2
  shift 2
  # shellcheck disable=SC2086
  spin -a "$@" "$model" >spin.log 2>&1 && gcc -O1 $options -o "$program" pan.c 2>gcc.log ||
    { cat spin.log gcc.log >&2; exit 99; }
}

# faults OPTION...: how many faults spin finds: of safety, and of the promise of convergence with fewer troubles, as
# that takes longer.
faults() {
  rm -f -- *
  compiled safe "-DSAFETY -DNOCLAIM" "$@"
  compiled pan -DNFAIR=4 -DTROUBLES=1 "$@"
  ./safe -m100000 -w22 >safe.log
  ./pan -a -f -m100000 -w20 >live.log
  grep -h -q "out of memory\|max search depth too small" safe.log live.log && { cat safe.log live.log >&2; exit 99; }
  sed -n 's/^State-vector.*errors: \([0-9]*\)$/\1/p' safe.log live.log | paste -sd+ | tr -d '\n'
}

failed=0
found=$(faults)
if [ "$found" = 0+0 ]; then echo "PASS the model holds"; else
  echo "FAIL the model: $found faults"; cat safe.log live.log; failed=1; fi
for fault in NO_MULTI READ_FIRST ONE_PING NO_CLOCK NO_SENTINEL COPY_WINS NO_EPOCH NO_RUN_ID NO_ROLE ONE_ASK; do
  found=$(faults -D$fault)
  case $found in
    0+0 | "") echo "FAIL $fault is not found"; failed=1 ;;
    *) echo "PASS $fault is found" ;;
  esac
done
exit $failed
