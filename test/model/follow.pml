/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a node follows Redis (milter/store/redis_watch.cc), as a model for spin; test/model/check.sh runs it.

   Two servers, of which Sentinels name one, and one node with two connections: the reader, which asks and reads, and
   the notices; and messages, for each of which the node reads a policy over a third one.  Edits, cuts of either
   connection, which Redis tells nobody of, and failovers that lose writes may happen at any moment; so may ticks of the
   clock, which stand for time in which a node is stopped, too.  After a failover a Sentinel may be behind and still
   name the old master, and that takes itself for one until it is told; then it is empty until it is filled again.
   An address may lead to the other server, for one connection only.
   A state is a number: the failovers before it, times eight, and the edits before it that were kept.

   Each of these breaks the protocol, and must be found: NO_MULTI (tables are read one by one), READ_FIRST (read, then
   switch notices on), ONE_PING (only the reader is pinged), NO_CLOCK (connected means current), NO_SENTINEL (nobody is
   asked whether the master is still one), COPY_WINS (a node keeps what has more edits), NO_EPOCH (a Sentinel that is
   behind is believed), NO_RUN_ID (whoever answers at the address is taken for the same server), NO_ROLE (a policy is
   read without asking whether the server still is a master), ONE_ASK (a Sentinel is asked before connecting only: the
   server may have been deposed and come back since). */

#define EDITS 1
#ifndef TROUBLES
#define TROUBLES 2
#endif
#define BOUND 1     /* ticks for which an answered ping vouches */
#define KEPT(state) ((state) % 8)
#define FAILOVERS(state) ((state) / 8)

byte holds[2];      /* what each server holds */
byte named;         /* the master, for the Sentinels that know */
bool deposed;       /* the other one still takes itself for a master */
bool behind;        /* a Sentinel still names that */
bool unfilled;        /* the other one is a replica that is to be filled */
byte edits, troubles;

bool reader_up, notices_up, tracking, notice;   /* as Redis and the network have them */

bool connected;     /* as the node believes */
bool taken;         /* a notice came before the pong */
byte server;        /* to which it is connected */
byte seen;          /* the newest config epoch that a Sentinel told */
bool mixed;         /* the notices come from the other server */
byte applied;       /* the state in force */
byte age, asked;    /* ticks since what was confirmed was asked for; since the present question */
byte past[3];       /* what the master held one, two, ... ticks ago */

#define IS_MASTER(which) ((which) == named || deposed)
/* The state that Redis holds: that of the oldest master that a Sentinel still names. */
#define PRESENT (behind -> holds[1 - named] : holds[named])

#define CURRENT (connected && (age <= BOUND))

/* Never older than promised. */
inline promise() {
#ifdef NO_CLOCK
  assert(!connected || applied >= past[BOUND]);
#else
  assert(!CURRENT || applied >= past[age]);
#endif
}

/* What a Sentinel says: answer, or 2 if that does not count. */
byte answer, epoch;
inline ask() {
  atomic {
    if
    :: answer = named; epoch = FAILOVERS(holds[named])
    :: behind -> answer = 1 - named; epoch = FAILOVERS(holds[named]) - 1
    fi;
#ifndef NO_EPOCH
    if
    :: epoch < seen -> answer = 2
    :: else -> seen = epoch
    fi;
#endif
    epoch = 0
  }
}

byte first, second, first_lost;
/* All tables in one transaction. */
inline read_tables() {
  if
#ifdef NO_MULTI
  :: atomic { reader_up -> first = holds[server] }
    atomic { if :: reader_up -> second = holds[server] :: else -> second = first fi }
#else
  :: atomic { reader_up -> first = holds[server]; second = holds[server] }
#endif
    atomic {
    assert(first == second);              /* one state, not a mix of two */
#ifdef COPY_WINS
    if
    :: KEPT(first) < KEPT(applied) -> skip
    :: else -> applied = first
    fi;
#else
    assert(first >= applied);             /* never back */
    applied = first;
#endif
    first = 0; second = 0 }
  :: !reader_up -> connected = false
  fi
}

active proctype node() {
again:
  do
  :: !connected ->
    asked = 0;
    ask();
    atomic {
      if
      :: answer == 2 -> goto again
      :: answer < 2 && !IS_MASTER(answer) -> goto again
      :: else
      fi;
      server = answer; reader_up = true; notices_up = true; tracking = false; notice = false;
      if
      :: mixed = false
      :: troubles < TROUBLES -> troubles++; mixed = true
      fi;
#ifndef NO_RUN_ID
      if
      :: mixed -> goto again
      :: else
      fi;
#endif
      connected = true;
      age = BOUND + 1                     /* not current before the reading */
    }
#ifndef ONE_ASK
    asked = 0;
    ask();
    if
    :: answer != server -> connected = false; goto again
    :: else
    fi;
#endif
#ifdef READ_FIRST
    read_tables();
    tracking = true;
#else
    tracking = true;
    read_tables();
#endif
    atomic { if :: connected -> age = asked; promise() :: else fi }
  :: atomic { connected && notices_up && notice -> notice = false }
    read_tables()
  :: connected ->                         /* the ping */
    asked = 0;
#ifndef NO_SENTINEL
    ask();
    if
    :: answer == 1 - server -> connected = false
    :: else
    fi;
#else
    answer = server;
#endif
    if
    :: !connected
#ifdef ONE_PING
    :: atomic { !reader_up -> connected = false }
    :: atomic { reader_up -> taken = notice; notice = false }
#else
    :: atomic { !reader_up || !notices_up -> connected = false }
    :: atomic { reader_up && notices_up -> taken = notice; notice = false }   /* what came before the pong */
#endif
    fi;
    if
    :: connected && taken -> read_tables()
    :: else
    fi;
    atomic {
      if                                  /* the role, which is asked for with the ping */
      :: connected && !IS_MASTER(server) -> connected = false
      :: connected && answer == server -> age = asked; promise()
      :: else
      fi;
      taken = false; answer = 0
    }
  od
}

/* A message, and the policy that is read for it. */
active proctype message() {
  byte from, oldest, row;
  do
  :: atomic { CURRENT -> from = server; oldest = past[BOUND] }
    atomic {
      if
      :: skip
#ifdef NO_RUN_ID
      :: troubles < TROUBLES -> troubles++; from = 1 - from
#endif
      fi;
      row = holds[from];
      if
#ifndef NO_ROLE
      :: !IS_MASTER(from)                 /* what was known last serves, and is called so */
#endif
      :: else -> assert(row >= oldest)
      fi;
      row = 0; from = 0; oldest = 0
    }
  od
}

active proctype redis() {
  byte which;
  do
  :: atomic { edits < EDITS -> edits++;
      if
      :: which = named
      :: deposed -> which = 1 - named
      fi;
      holds[which]++;
      if
      :: tracking && reader_up && notices_up && server == which && !mixed -> notice = true
      :: else
      fi;
      which = 0 }
  :: atomic { troubles < TROUBLES -> troubles++;
      if
      :: reader_up = false
      :: notices_up = false; notice = false
      :: !deposed && !unfilled ->  /* a failover: some of the last edits are lost */
        first_lost = 0;
        do
        :: first_lost < KEPT(holds[named]) -> first_lost++
        :: break
        od;
        holds[1 - named] = (FAILOVERS(holds[named]) + 1) * 8 + KEPT(holds[named]) - first_lost;
        named = 1 - named; deposed = true; first_lost = 0;
        if
        :: behind = true
        :: skip
        fi
      fi }
  od
}

/* Those who are behind are told; then the old master is, and Sentinel cuts all its connections; then it is filled. */
active proctype sentinels() {
  do
  :: atomic { behind -> behind = false }
  :: atomic { deposed && !behind -> deposed = false; unfilled = true; holds[1 - named] = 0;
      if
      :: server != named -> reader_up = false; notices_up = false; notice = false
      :: else
      fi }
  :: atomic { unfilled -> unfilled = false; holds[1 - named] = holds[named] }
  od
}

active proctype clock() {
  do
  :: atomic { past[2] = past[1]; past[1] = past[0]; past[0] = PRESENT;
      age = (age > BOUND -> BOUND + 1 : age + 1);
      asked = (asked > BOUND -> BOUND + 1 : asked + 1);
      promise() }
  od
}

ltl converges { <>[] (applied == holds[named]) }
