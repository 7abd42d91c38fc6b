/*
 * The sum by which bytecode is known to be whole, as node:zlib has it, which takes all of Node's streams with it: more than most commands take.
 * RFC 1952, section 8; eight bytes at once by eight tables.
 */
#include "sys.h"

enum { POLYNOMIAL = 0xEDB88320, TABLES = 8, BYTES = 256 };

static uint32_t tables[TABLES][BYTES];

static void make_tables(void) {
  if (tables[0][1] != 0) return;
  for (uint32_t byte = 0; byte < BYTES; byte++) {
    uint32_t rest = byte;
    for (int bit = 0; bit < 8; bit++) rest = rest & 1 ? rest >> 1 ^ (uint32_t)POLYNOMIAL : rest >> 1;
    tables[0][byte] = rest;
  }
  for (int at = 1; at < TABLES; at++)
    for (int byte = 0; byte < BYTES; byte++) tables[at][byte] = tables[at - 1][byte] >> 8 ^ tables[0][tables[at - 1][byte] & 255];
}

static uint32_t sum_of(const uint8_t *bytes, size_t length) {
  uint32_t sum = ~0U;
  for (; length >= TABLES; bytes += TABLES, length -= TABLES) {
    /* the machines that are known here have the lowest byte first */
    uint32_t low, high;
    __builtin_memcpy(&low, bytes, sizeof low);
    __builtin_memcpy(&high, bytes + sizeof low, sizeof high);
    low ^= sum;
    sum = tables[7][low & 255] ^ tables[6][low >> 8 & 255] ^ tables[5][low >> 16 & 255] ^ tables[4][low >> 24] ^ tables[3][high & 255] ^
          tables[2][high >> 8 & 255] ^ tables[1][high >> 16 & 255] ^ tables[0][high >> 24];
  }
  for (; length > 0; bytes++, length--) sum = sum >> 8 ^ tables[0][(sum ^ *bytes) & 255];
  return ~sum;
}

/* crc32(bytes) */
static napi_value crc32(napi_env env, napi_callback_info info) {
  napi_value given[1];
  void *bytes;
  size_t length;
  arguments(env, info, given, 1);
  if (!is_array(env, given[0], napi_uint8_array, 0, &bytes, &length)) return refuse(env, "crc32(Uint8Array)");
  make_tables();
  return number(env, sum_of(bytes, length));
}

void offer_crc32(napi_env env, napi_value exports) {
  offer(env, exports, "crc32", crc32);
}
