// SPDX-License-Identifier: GPL-2.0-or-later
// A libmilter filter that does nothing: what any filter on this library costs at least.
//   bench-floor PORT reply    answers every step
//   bench-floor PORT silent   asks to be silent wherever the protocol allows it, and reads every body
//   bench-floor PORT skip     agrees on what Postern agrees on, and skips every body
//   bench-floor PORT stream   the same, but takes every body without a reply instead of skipping it
#include <libmilter/mfapi.h>

#include <cstdio>
#include <map>
#include <string>

namespace {

enum class Manner { kReply, kSilent, kSkip, kStream } g_manner = Manner::kReply;

sfsistat quiet() { return g_manner == Manner::kReply ? SMFIS_CONTINUE : SMFIS_NOREPLY; }

sfsistat on_negotiate(SMFICTX*, unsigned long, unsigned long offered, unsigned long, unsigned long,
                      unsigned long* actions, unsigned long* steps, unsigned long* more, unsigned long* rest) {
  *actions = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_QUARANTINE;
  *steps = SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC;
  if (g_manner != Manner::kReply) *steps |= SMFIP_NR_CONN | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH;
  if (g_manner == Manner::kSilent) *steps |= SMFIP_NR_MAIL | SMFIP_NR_BODY;
  if (g_manner == Manner::kStream) *steps |= SMFIP_NR_BODY;
  if (g_manner == Manner::kSkip) *steps |= SMFIP_SKIP;
  *steps &= offered;
  *more = *rest = 0;
  return SMFIS_CONTINUE;
}

sfsistat on_connect(SMFICTX*, char*, _SOCK_ADDR*) { return quiet(); }
sfsistat on_mail(SMFICTX*, char**) { return g_manner == Manner::kSilent ? SMFIS_NOREPLY : SMFIS_CONTINUE; }
sfsistat on_recipient(SMFICTX*, char**) { return quiet(); }
sfsistat on_header(SMFICTX*, char*, char*) { return quiet(); }
sfsistat on_end_of_headers(SMFICTX*) { return quiet(); }
sfsistat on_body(SMFICTX*, unsigned char*, size_t) {
  switch (g_manner) {
    case Manner::kReply:
      return SMFIS_CONTINUE;
    case Manner::kSilent:
    case Manner::kStream:
      return SMFIS_NOREPLY;
    case Manner::kSkip:
      return SMFIS_SKIP;
  }
  return SMFIS_CONTINUE;
}
sfsistat on_end_of_message(SMFICTX*) { return SMFIS_CONTINUE; }
sfsistat on_end(SMFICTX*) { return SMFIS_CONTINUE; }

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, Manner> kManners{
      {"reply", Manner::kReply}, {"silent", Manner::kSilent}, {"skip", Manner::kSkip}, {"stream", Manner::kStream}};
  const auto found = kManners.find(argc == 3 ? argv[2] : "");
  if (found == kManners.end()) {
    std::fprintf(stderr, "usage: %s PORT reply|silent|skip|stream\n", argv[0]);
    return 2;
  }
  g_manner = found->second;
  char name[] = "floor";
  smfiDesc filter{};
  filter.xxfi_name = name;
  filter.xxfi_version = SMFI_VERSION;
  filter.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_QUARANTINE;
  filter.xxfi_connect = on_connect;
  filter.xxfi_envfrom = on_mail;
  filter.xxfi_envrcpt = on_recipient;
  filter.xxfi_header = on_header;
  filter.xxfi_eoh = on_end_of_headers;
  filter.xxfi_body = on_body;
  filter.xxfi_eom = on_end_of_message;
  filter.xxfi_abort = on_end;
  filter.xxfi_close = on_end;
  filter.xxfi_negotiate = on_negotiate;
  std::string place = std::string("inet:") + argv[1] + "@127.0.0.1";
  if (smfi_register(filter) != MI_SUCCESS || smfi_setconn(place.data()) != MI_SUCCESS) return 1;
  return smfi_main() == MI_SUCCESS ? 0 : 1;
}
