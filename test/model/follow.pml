/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a node follows Redis (milter/store/redis_watch.cc), as a model for spin; test/model/check.sh runs it.

   Two servers, of which Sentinel names one, and one node with two connections: the reader, which asks and reads, and
   the notices.  Edits, cuts of either connection, which Redis tells nobody of, and failovers that lose writes may
   happen at any moment; so may ticks of the clock, which stand for time in which a node is stopped, too.
   A state is a number: the failovers before it, times eight, and the edits before it that were kept.

   Each of these breaks the protocol, and must be found: NO_MULTI (tables are read one by one), READ_FIRST (read, then
   switch notices on), ONE_PING (only the reader is pinged), NO_CLOCK (connected means current), NO_SENTINEL (nobody is
   asked whether the master is still one), COPY_WINS (a node keeps what has more edits). */

#define EDITS 2
#define TROUBLES 2
#define BOUND 1     /* ticks for which an answered ping vouches */
#define KEPT(state) ((state) % 8)
#define FAILOVERS(state) ((state) / 8)

byte holds[2];      /* what each server holds */
byte named;         /* the master, for Sentinel */
byte edits, troubles;

bool reader_up, notices_up, tracking, notice;   /* as Redis and the network have them */

bool connected;     /* as the node believes */
bool taken;         /* a notice came before the pong */
byte server;        /* to which it is connected */
byte applied;       /* the state in force */
byte age, asked;    /* ticks since what was confirmed was asked for; since the present question */
byte past[3];       /* what the master held one, two, ... ticks ago */

#define CURRENT (connected && (age <= BOUND))

/* Never older than promised. */
inline promise() {
#ifdef NO_CLOCK
  assert(!connected || applied >= past[BOUND]);
#else
  assert(!CURRENT || applied >= past[age]);
#endif
}

byte first, second, first_lost;
/* All tables in one transaction. */
inline read_tables() {
  if
  :: reader_up ->
#ifdef NO_MULTI
    first = holds[server];
    second = holds[server];
#else
    atomic { first = holds[server]; second = holds[server] }
#endif
    assert(first == second);              /* one state, not a mix of two */
#ifdef COPY_WINS
    if
    :: KEPT(first) < KEPT(applied) -> skip
    :: else -> applied = first
    fi
#else
    assert(first >= applied);             /* never back */
    applied = first
#endif
  :: else -> connected = false
  fi
}

active proctype node() {
  do
  :: !connected ->
    atomic { asked = 0; server = named; reader_up = true; notices_up = true; tracking = false; notice = false }
    connected = true;
    age = BOUND + 1;                      /* not current before the reading */
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
    if
    :: named != server -> connected = false
    :: else
    fi;
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
    atomic { if :: connected -> age = asked; promise() :: else fi; taken = false }
  od
}

active proctype redis() {
  do
  :: atomic { edits < EDITS -> edits++; holds[named]++;
      if
      :: tracking && reader_up && notices_up && server == named -> notice = true
      :: else
      fi }
  :: atomic { troubles < TROUBLES -> troubles++;
      if
      :: reader_up = false
      :: notices_up = false; notice = false
      :: /* a failover: some of the last edits are lost */
        first_lost = 0;
        do
        :: first_lost < KEPT(holds[named]) -> first_lost++
        :: break
        od;
        holds[1 - named] = (FAILOVERS(holds[named]) + 1) * 8 + KEPT(holds[named]) - first_lost;
        named = 1 - named;
        if  /* it was a replica: Sentinel cuts all connections of a server that it makes one */
        :: server == named -> reader_up = false; notices_up = false; notice = false
        :: else
        fi
      fi }
  od
}


active proctype clock() {
  do
  :: atomic { past[2] = past[1]; past[1] = past[0]; past[0] = holds[named];
      age = (age > BOUND -> BOUND + 1 : age + 1);
      asked = (asked > BOUND -> BOUND + 1 : asked + 1);
      promise() }
  od
}

ltl converges { <>[] (applied == holds[named]) }
