/* A PKCS#11 token in software, for tests. Unless KEYFERRY_TEST_TOKEN names something else, it does everything right: it makes AES keys, wraps
 * them with the three paddings, and wipes what it destroys. The variable is a list of words, separated by commas; each word makes it do one
 * thing wrong, as an untested module might. With `later`, it does the wrong thing only after the probe. */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long U;
typedef unsigned char B;
typedef struct { B major, minor; } Version;
typedef struct { Version cryptoki; B manufacturer[32]; U flags; B description[32]; Version library; } Info;
typedef struct { B label[32], manufacturer[32], model[16], serial[16]; U flags, counts[10]; Version hardware, firmware; B time[16]; } TokenInfo;
typedef struct { U type; void *value; U length; } Attribute;
typedef struct { U mechanism; void *parameter; U length; } Mechanism;
typedef struct { U hash, mgf, source; void *data; U length; } Oaep;
typedef struct { void *create, *destroy, *lock, *unlock; U flags; void *reserved; } InitializeArgs;
typedef struct { Version version; void *calls[92]; } Functions;
typedef struct { char *name; void *functions; U flags; } Interface;

enum { OK = 0, SLOT_ID_INVALID = 3, GENERAL_ERROR = 5, ARGUMENTS_BAD = 7, CANT_LOCK = 10, ATTRIBUTE_READ_ONLY = 0x10, ATTRIBUTE_SENSITIVE = 0x11,
       ATTRIBUTE_TYPE_INVALID = 0x12, FUNCTION_NOT_SUPPORTED = 0x54, KEY_SIZE_RANGE = 0x62, MECHANISM_PARAM_INVALID = 0x71, TEMPLATE_INCOMPLETE = 0xd0,
       TOKEN_NOT_PRESENT = 0xe0, ACTION_PROHIBITED = 0x1b, DEVICE_REMOVED = 0x32, FUNCTION_CANCELED = 0x50, KEY_INDIGESTIBLE = 0x67, KEY_UNEXTRACTABLE = 0x6a, MECHANISM_INVALID = 0x70,
       OBJECT_HANDLE_INVALID = 0x82, PIN_INCORRECT = 0xa0, PIN_LOCKED = 0xa4, SESSION_COUNT = 0xb1, SESSION_HANDLE_INVALID = 0xb3, TOKEN_NOT_RECOGNIZED = 0xe1,
       TEMPLATE_INCONSISTENT = 0xd1, USER_ALREADY_LOGGED_IN = 0x100, USER_NOT_LOGGED_IN = 0x101, BUFFER_TOO_SMALL = 0x150 };
enum { CLASS = 0, TOKEN = 1, PRIVATE = 2, VALUE = 0x11, CHECK_VALUE = 0x90, KEY_TYPE = 0x100, SENSITIVE = 0x103, ENCRYPT = 0x104,
       DECRYPT = 0x105, WRAP = 0x106, UNWRAP = 0x107, SIGN = 0x108, VERIFY = 0x10a, DERIVE = 0x10c, MODULUS = 0x120, EXPONENT = 0x122,
       VALUE_LEN = 0x161, EXTRACTABLE = 0x162, LOCAL = 0x163, NEVER_EXTRACTABLE = 0x164, ALWAYS_SENSITIVE = 0x165, KEY_GEN_MECHANISM = 0x166 };
enum { RSA_PKCS = 1, RSA_PKCS_OAEP = 9, SHA_1 = 0x220, SHA256 = 0x250, AES_KEY_GEN = 0x1080, AES_ECB = 0x1081 };
#define UNAVAILABLE ((U)-1)

/* The PIN, if one is required: long enough to be searched for in memory. */
static const char PIN[] = "a-pin-9f1c07e5b3";
/* The material of a token without a generator: 32 bytes, not all of them ASCII, because text is refused as a key. */
static const char KNOWN[] = "known-material-7f3a9c51-b2d4e6é";

typedef struct { int used, is_public, token, extractable; B bytes[512]; U length; B exponent[8]; U exponent_length; } Object;
static Object objects[64];
static int created, logged_in;
static U public_key;
static int forked = -1;
static U encrypts;
static EVP_MD_CTX *digest;

static int told(const char *word) {
    const char *is = getenv("KEYFERRY_TEST_TOKEN");
    size_t length = strlen(word);
    for (; is != NULL && *is != 0; is += *is == ',') {
        size_t here = strcspn(is, ",");
        if (here == length && memcmp(is, word, length) == 0) return 1;
        is += here;
    }
    return 0;
}

/* The second public key is the service's: the probe is over. */
static int wrong(const char *word) { return told(word) && (created > 1 || !told("later")); }

static int of_call(const char *what, const char *call) {
    char word[64];
    snprintf(word, sizeof word, "%s-%s", what, call);
    return wrong(word);
}

static U called(const char *call) {
    if (told("prints")) {
        printf("{\"reply\":\"done\"}\n"), fprintf(stderr, "no console of ours\n");
        fflush(NULL);
    }
    if (of_call("crash", call)) *(volatile int *)NULL = 1;
    /* What it leaves behind holds every pipe open. */
    if (of_call("orphan", call)) { if (fork() == 0) { sleep(30); _exit(0); } abort(); }
    if (of_call("exit", call)) exit(0);
    if (of_call("scribble", call)) for (int fd = 3; fd < 64; fd++) if (write(fd, "\0\0\0\020{\"reply\":\"done\"}", 20) < 0) continue;
    if (of_call("removed", call)) return DEVICE_REMOVED;
    if (of_call("dropped", call)) return SESSION_HANDLE_INVALID;
    if (of_call("hang", call)) for (;;) pause();
    if (of_call("unknown", call)) return 0x1ff;
    return of_call("fail", call) ? 0x80000123 : OK;
}

#define CALLED(name) do { U rv = called(name); if (rv != OK) return rv; } while (0)

static void fill(B *to, size_t length, const char *text) {
    memset(to, ' ', length);
    memcpy(to, text, strlen(text) < length ? strlen(text) : length);
}

static U initialize(void *args) {
    InitializeArgs *of = args;
    CALLED("initialize");
    if (told("cannot-lock") && of->flags & 2) return CANT_LOCK;
    if (told("needs-reserved") && of->reserved == NULL) return ARGUMENTS_BAD;
    if (told("fork")) { forked = fork(); if (forked == 0) for (;;) pause(); }
    if (told("signals")) {
        sigset_t all;
        for (int n = 1; n < 32; n++) signal(n, SIG_IGN);
        sigfillset(&all), sigprocmask(SIG_BLOCK, &all, NULL);
    }
    if (told("closes")) for (int fd = 3; fd < 1024; fd++) close(fd);
    return OK;
}

/* For a test that asks what was called. */
static void note(const char *what) {
    FILE *file = getenv("KEYFERRY_TEST_TOKEN_FILE") == NULL ? NULL : fopen(getenv("KEYFERRY_TEST_TOKEN_FILE"), "a");
    if (file == NULL) return;
    fprintf(file, "%s\n", what);
    fclose(file);
}

static U finalize(void *reserved) {
    (void)reserved;
    CALLED("finalize");
    note("finalized");
    return OK;
}

static U get_info(Info *info) {
    CALLED("info");
    memset(info, 0, sizeof *info);
    info->cryptoki.major = told("v3") ? 3 : 2;
    fill(info->manufacturer, 32, "keyferry");
    fill(info->description, 32, forked > 0 ? "a token that left a process" : "a token for tests");
    return OK;
}

static U get_slot_list(B with_token, U *slots, U *count) {
    static U grown = 1, asked;
    U n = told("two") || told("empty-slot") ? 2 : told("many") ? 65 : told("none") ? 0 : 1;
    (void)with_token;
    CALLED("slots");
    if (told("slots-huge")) n = (U)1 << 40;
    if (told("grows") || told("endless")) n = grown;
    if (slots != NULL) {
        if (told("endless") || (told("grows") && grown == 1)) n = ++grown;
        if (*count < n) { *count = n; return BUFFER_TOO_SMALL; }
        for (U i = 0; i < n; i++) slots[i] = told("huge-slot") ? UNAVAILABLE - 1 : i + 1;
        /* Another card is in another slot by now. */
        if (told("swapped") && asked++ > 0) slots[0] = 2;
    }
    *count = n;
    return OK;
}

static U get_token_info(U slot, TokenInfo *info) {
    CALLED("token");
    if (told("no-token")) return TOKEN_NOT_RECOGNIZED;
    if (told("empty-slot") && slot == 2) return TOKEN_NOT_PRESENT;
    memset(info, 0, sizeof *info);
    /* The tokens of `many` and of `grows` are different ones, except the last of `many`. */
    fill(info->label, 32, slot == 1 || told("huge-slot") || told("two") || slot == 65 ? "ceremony" : "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
    if (told("nul-padded")) for (int i = 8; i < 32; i++) info->label[i] = 0;
    if (told("utf8")) fill(info->label, 32, "\344\273\252\345\274\217-ceremony-\344\273\244\347\211\214-\344\273\252\345\274\217\344\273\252\345\274\217");
    if (told("escapes")) fill(info->label, 32, "\33[2Jceremony\342\200\256\377");
    fill(info->manufacturer, 32, "keyferry");
    fill(info->model, 16, "test");
    fill(info->serial, 16, "0000000000000000");
    /* Another card of the same kind, after the login. */
    if (created > 0 && wrong("another-card")) fill(info->serial, 16, "0000000000000001");
    if (told("login-elsewhere") && logged_in) fill(info->label, 32, "another");
    info->flags = told("uninitialized") ? 0 : 0x409;
    if (told("pin") || told("pad") || told("already") || told("locked") || told("final-try")) info->flags |= 4;
    if (told("pad")) info->flags |= 0x100;
    if (told("final-try")) info->flags |= 0x20000;
    if (told("locked")) info->flags |= 0x40000;
    return OK;
}

static U get_mechanism_list(U slot, U *list, U *count) {
    U all[] = { RSA_PKCS, RSA_PKCS_OAEP, AES_KEY_GEN, AES_ECB, SHA256 }, n = sizeof all / sizeof *all;
    (void)slot;
    CALLED("mechanisms");
    if (list != NULL && *count < n) return BUFFER_TOO_SMALL;
    if (list != NULL) memcpy(list, all, sizeof all);
    *count = n;
    return OK;
}

static U get_mechanism_info(U slot, U type, U *info) {
    (void)slot;
    CALLED("mechanism");
    info[0] = 128, info[1] = 4096, info[2] = told("no-flags") ? 0 : type == RSA_PKCS || type == RSA_PKCS_OAEP ? 0x40100 : type == AES_KEY_GEN ? 0x8000 : 0x100;
    return OK;
}

static U open_session(U slot, U flags, void *application, void *notify, U *session) {
    (void)slot, (void)flags, (void)application, (void)notify;
    CALLED("open");
    static int opened;
    if (told("session-count") || (opened++ > 0 && told("one-session"))) return SESSION_COUNT;
    *session = 1;
    return OK;
}

static U close_session(U session) { (void)session; CALLED("close"); note("closed"); return OK; }

static U login(U session, U user, B *pin, U length) {
    (void)session;
    CALLED("login");
    if (user != 1) return GENERAL_ERROR;
    if (told("already")) return USER_ALREADY_LOGGED_IN;
    if (told("pad-cancelled")) return FUNCTION_CANCELED;
    if (told("pad")) {
        /* The person types it here; a PIN from the computer does not count. */
        if (pin != NULL || length != 0) return ARGUMENTS_BAD;
    } else if (pin == NULL || length != sizeof PIN - 1 || memcmp(pin, PIN, length) != 0) {
        return told("last") ? PIN_LOCKED : PIN_INCORRECT;
    }
    logged_in = 1;
    return OK;
}

static U logout(U session) { (void)session; logged_in = 0; return OK; }

static Attribute *find(Attribute *template, U count, U type) {
    for (U i = 0; i < count; i++) if (template[i].type == type) return &template[i];
    return NULL;
}

static Object *object(U handle) { return handle >= 1 && handle <= 64 && objects[handle - 1].used ? &objects[handle - 1] : NULL; }

static U place(Object **at) {
    for (U i = 0; i < 64; i++) if (!objects[i].used) {
        memset(&objects[i], 0, sizeof objects[i]);
        objects[i].used = 1;
        *at = &objects[i];
        return i + 1;
    }
    return 0;
}

static U create_object(U session, Attribute *template, U count, U *handle) {
    Object *made;
    Attribute *n = find(template, count, MODULUS), *e = find(template, count, EXPONENT);
    (void)session;
    created++;
    CALLED("create");
    if (n == NULL || e == NULL || n->length > 512 || e->length > 8) return TEMPLATE_INCONSISTENT;
    *handle = place(&made);
    made->is_public = 1;
    memcpy(made->bytes, n->value, made->length = n->length);
    memcpy(made->exponent, e->value, made->exponent_length = e->length);
    if (wrong("other-modulus")) made->bytes[10] ^= 1;
    public_key = *handle;
    return OK;
}

static U destroy_object(U session, U handle) {
    Object *gone = object(handle);
    (void)session;
    CALLED("destroy");
    if (gone == NULL) return OBJECT_HANDLE_INVALID;
    if (wrong("keeps") && !gone->is_public) return ACTION_PROHIBITED;
    /* What becomes of a key that was to stay. */
    if (gone->token) note("destroyed a key of the token");
    OPENSSL_cleanse(gone, sizeof *gone);
    return OK;
}

static const U EXPLICIT[] = { CLASS, KEY_TYPE, VALUE_LEN, TOKEN, PRIVATE, SENSITIVE, EXTRACTABLE, ENCRYPT, DECRYPT, WRAP, UNWRAP, SIGN, VERIFY, DERIVE };

static U generate_key(U session, Mechanism *mechanism, Attribute *template, U count, U *handle) {
    Object *made;
    Attribute *length = find(template, count, VALUE_LEN), *token = find(template, count, TOKEN);
    (void)session;
    CALLED("generate");
    if (mechanism->mechanism != AES_KEY_GEN || told("no-aes")) return MECHANISM_INVALID;
    if (told("no-value-len") || length == NULL) return TEMPLATE_INCONSISTENT;
    /* There are no defaults, because those of modules differ. */
    for (U i = 0; i < sizeof EXPLICIT / sizeof *EXPLICIT; i++) if (find(template, count, EXPLICIT[i]) == NULL) return TEMPLATE_INCOMPLETE;
    if (told("strict") && find(template, count, DERIVE) != NULL) return ATTRIBUTE_TYPE_INVALID;
    if (told("no-256") && *(U *)length->value == 32) return KEY_SIZE_RANGE;
    if ((told("pin") || told("wants-login")) && !logged_in) return USER_NOT_LOGGED_IN;
    if (told("logs-out")) logged_in = 0;
    *handle = place(&made);
    made->length = *(U *)length->value;
    made->token = *(B *)token->value;
    made->extractable = 1;
    if (told("repeats")) memcpy(made->bytes, KNOWN, made->length);
    else if (RAND_bytes(made->bytes, made->length) != 1) return GENERAL_ERROR;
    if (wrong("handle-zero")) *handle = 0;
    if (wrong("handle-of-public")) *handle = public_key;
    /* Not in the library's own data, which disappears when the library is unloaded. */
    if (told("leaves")) memcpy(malloc(made->length), made->bytes, made->length);
    return OK;
}

static U ecb(const Object *key, const B *in, B *out) {
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int length = 0;
    int done = EVP_EncryptInit_ex(ctx, key->length == 16 ? EVP_aes_128_ecb() : EVP_aes_256_ecb(), NULL, key->bytes, NULL)
        && EVP_CIPHER_CTX_set_padding(ctx, 0) && EVP_EncryptUpdate(ctx, out, &length, in, 16);
    EVP_CIPHER_CTX_free(ctx);
    return done && length == 16 ? OK : GENERAL_ERROR;
}

static U give(Attribute *to, const void *bytes, U length) {
    if (to->value == NULL) { to->length = length; return OK; }
    if (to->length < length) { to->length = UNAVAILABLE; return BUFFER_TOO_SMALL; }
    memcpy(to->value, bytes, to->length = length);
    return OK;
}

static U give_number(Attribute *to, U number) { return give(to, &number, sizeof number); }
static U give_flag(Attribute *to, int flag) { B byte = flag != 0; return give(to, &byte, 1); }

static U get_attribute(Object *of, Attribute *to) {
    B zeros[16] = { 0 };
    static int checks;
    if (told("attribute-grows") && to->type == CHECK_VALUE && checks++ > 0) { to->length = (U)1 << 40; return OK; }
    if (wrong("attribute-huge") && to->type == CHECK_VALUE) { to->length = (U)1 << 40; return OK; }
    if (of->is_public) {
        if (to->type == MODULUS && wrong("modulus-huge")) { to->length = (U)1 << 40; return OK; }
        if (to->type == MODULUS) return give(to, of->bytes, of->length);
        if (to->type == EXPONENT) return give(to, of->exponent, of->exponent_length);
        to->length = UNAVAILABLE;
        return ATTRIBUTE_TYPE_INVALID;
    }
    switch (to->type) {
    case CLASS: return give_number(to, 4);
    case KEY_TYPE: return give_number(to, wrong("other-type") ? 0x15 : 0x1f);
    case VALUE_LEN:
        if (wrong("length-of-four")) { to->length = 4; return OK; }
        return give_number(to, wrong("other-length") ? 24 : of->length);
    case KEY_GEN_MECHANISM: return give_number(to, AES_KEY_GEN);
    case TOKEN: return give_flag(to, of->token);
    case EXTRACTABLE: return give_flag(to, of->extractable);
    case SENSITIVE: return give_flag(to, !wrong("insensitive"));
    case PRIVATE: case ALWAYS_SENSITIVE: case LOCAL: case ENCRYPT: return give_flag(to, 1);
    case NEVER_EXTRACTABLE: case UNWRAP: case SIGN: case VERIFY: case DERIVE: case DECRYPT: return give_flag(to, 0);
    case WRAP:
        if (wrong("flag-of-eight")) { to->length = 8; return OK; }
        return give_flag(to, 0);
    case VALUE:
        if (wrong("readable")) return give(to, of->bytes, of->length);
        to->length = UNAVAILABLE;
        return ATTRIBUTE_SENSITIVE;
    case CHECK_VALUE:
        if (told("no-check-value")) break;
        if (wrong("other-check-value")) return give(to, "\1\2\3", 3);
        ecb(of, zeros, zeros);
        return give(to, zeros, 3);
    }
    to->length = UNAVAILABLE;
    return ATTRIBUTE_TYPE_INVALID;
}

static U get_attribute_value(U session, U handle, Attribute *template, U count) {
    Object *of = object(handle);
    U all = OK;
    (void)session;
    CALLED("attribute");
    if (of == NULL) return OBJECT_HANDLE_INVALID;
    for (U i = 0; i < count; i++) { U one = get_attribute(of, &template[i]); if (one != OK) all = one; }
    return all;
}

static U set_attribute_value(U session, U handle, Attribute *template, U count) {
    Object *of = object(handle);
    Attribute *extractable = find(template, count, EXTRACTABLE);
    (void)session;
    CALLED("set");
    if (of == NULL || extractable == NULL) return OBJECT_HANDLE_INVALID;
    if (told("read-only")) return ATTRIBUTE_READ_ONLY;
    if (!told("unlocked")) of->extractable = *(B *)extractable->value;
    return OK;
}

static U encrypt_init(U session, Mechanism *mechanism, U handle) {
    (void)session;
    CALLED("encrypt");
    if (mechanism->mechanism != AES_ECB || told("no-ecb") || object(handle) == NULL) return MECHANISM_INVALID;
    encrypts = handle;
    return OK;
}

static U encrypt(U session, B *in, U length, B *out, U *out_length) {
    Object *key = object(encrypts);
    (void)session;
    if (key == NULL || length != 16) return GENERAL_ERROR;
    *out_length = wrong("encrypts-short") ? 15 : 16;
    return out == NULL ? OK : ecb(key, in, out);
}

static U digest_init(U session, Mechanism *mechanism) {
    (void)session, (void)mechanism;
    CALLED("digest");
    EVP_MD_CTX_free(digest);
    digest = EVP_MD_CTX_new();
    return EVP_DigestInit(digest, EVP_sha256()) ? OK : GENERAL_ERROR;
}

static U digest_update(U session, B *in, U length) { (void)session; return EVP_DigestUpdate(digest, in, length) ? OK : GENERAL_ERROR; }

static U digest_key(U session, U handle) {
    Object *key = object(handle);
    if (wrong("undigested")) return FUNCTION_NOT_SUPPORTED;
    if (wrong("indigestible") || key == NULL) return KEY_INDIGESTIBLE;
    /* It digests the handle, or nothing. */
    if (wrong("digests-handle")) return digest_update(session, (B *)&handle, sizeof handle);
    if (wrong("digests-nothing")) return OK;
    return digest_update(session, key->bytes, key->length);
}

static U digest_final(U session, B *out, U *length) {
    (void)session;
    if (out == NULL) { *length = 32; return OK; }
    *length = 32;
    int done = EVP_DigestFinal(digest, out, NULL);
    EVP_MD_CTX_free(digest);
    digest = NULL;
    return done ? OK : GENERAL_ERROR;
}

static void mask(B *to, U length, const B *seed, U seed_length, const EVP_MD *md) {
    B block[64], data[300];
    for (U counter = 0, at = 0; at < length; counter++) {
        unsigned int n = 0;
        memcpy(data, seed, seed_length);
        data[seed_length] = 0, data[seed_length + 1] = 0, data[seed_length + 2] = 0, data[seed_length + 3] = (B)counter;
        EVP_Digest(data, seed_length + 4, block, &n, md, NULL);
        for (U i = 0; i < n && at < length; i++, at++) to[at] ^= block[i];
    }
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(data, sizeof data);
}

static void pkcs1(B *em, U k, const B *key, U length) {
    U padding = k - 3 - length;
    em[0] = 0, em[1] = 2;
    for (U i = 0; i < padding; i++) do RAND_bytes(em + 2 + i, 1); while (em[2 + i] == 0);
    em[2 + padding] = 0;
    memcpy(em + 3 + padding, key, length);
}

static void oaep(B *em, U k, const B *key, U length, const EVP_MD *hash, const EVP_MD *mgf) {
    U h = EVP_MD_get_size(hash);
    B *seed = em + 1, *db = em + 1 + h;
    memset(em, 0, k);
    RAND_bytes(seed, h);
    EVP_Digest("", 0, db, NULL, hash, NULL);
    em[k - length - 1] = 1;
    memcpy(em + k - length, key, length);
    mask(db, k - h - 1, seed, h, mgf);
    mask(seed, h, db, k - h - 1, mgf);
}

static int power(const B *em, B *out, const Object *by) {
    BIGNUM *m = BN_bin2bn(em, by->length, NULL), *n = BN_bin2bn(by->bytes, by->length, NULL);
    BIGNUM *e = BN_bin2bn(by->exponent, by->exponent_length, NULL), *c = BN_new();
    BN_CTX *ctx = BN_CTX_secure_new();
    int done = BN_mod_exp(c, m, e, n, ctx) && BN_bn2binpad(c, out, by->length) == (int)by->length;
    BN_clear_free(m), BN_free(n), BN_free(e), BN_free(c), BN_CTX_free(ctx);
    return done;
}

static U wrap_key(U session, Mechanism *mechanism, U by_handle, U handle, B *out, U *length) {
    Object *by = object(by_handle), *key = object(handle);
    Oaep *parameters = mechanism->parameter;
    B em[512], other[32];
    (void)session;
    CALLED("wrap");
    if (by == NULL || key == NULL) return OBJECT_HANDLE_INVALID;
    if (!key->extractable && !told("wraps-locked")) return KEY_UNEXTRACTABLE;
    if (out == NULL && wrong("no-query")) return ARGUMENTS_BAD;
    if (out == NULL) {
        *length = by->length + wrong("long") - wrong("short");
        if (wrong("wrap-huge")) *length = (U)3 << 30;
        if (wrong("wrap-zero")) *length = 0;
        return OK;
    }
    if (wrong("too-small")) return BUFFER_TOO_SMALL;
    if (wrong("writes-nothing")) return OK;
    static B last[512];
    /* To the second key of the service, which is of the same length. */
    if (told("stale") && created > 2) { memcpy(out, last, by->length); return OK; }
    const B *bytes = key->bytes;
    static int blocks;
    if (wrong("other-key")) { RAND_bytes(other, 32); bytes = other; }
    B block[512];
    int strips = wrong("strips") && blocks++ == 0;
again:
    if (mechanism->mechanism == RSA_PKCS || wrong("always-pkcs1")) {
        pkcs1(em, by->length, bytes, key->length);
    } else {
        /* Both numbers and the source must be right, and there must be no pointer to empty data. */
        if (mechanism->mechanism != RSA_PKCS_OAEP || mechanism->length != sizeof *parameters) return MECHANISM_INVALID;
        if (told("ids-of-mechanisms") && parameters->mgf < SHA_1) return MECHANISM_PARAM_INVALID;
        if (told("wants-label") && parameters->data == NULL) return ARGUMENTS_BAD;
        if (parameters->source != 1 || parameters->data != NULL || parameters->length != 0) return ARGUMENTS_BAD;
        const EVP_MD *hash = parameters->hash == SHA256 ? EVP_sha256() : EVP_sha1();
        const EVP_MD *mgf = parameters->mgf == 2 ? EVP_sha256() : EVP_sha1();
        if (wrong("mask-sha1")) mgf = EVP_sha1();
        oaep(em, by->length, bytes, key->length, hash, mgf);
    }
    int done = power(em, block, by);
    OPENSSL_cleanse(em, sizeof em);
    /* A number, without its leading zeros. */
    if (strips && block[0] != 0) goto again;
    if (strips) memmove(block, block + 1, by->length - 1), block[by->length - 1] = 0;
    if (wrong("above")) memset(block, 0xff, by->length);
    memcpy(last, block, by->length);
    memcpy(out, block, by->length - wrong("short") - wrong("cut"));
    if (!wrong("long")) *length = by->length - wrong("short") - wrong("cut") - strips;
    if (wrong("says-more")) *length = by->length + 44;
    return done ? OK : GENERAL_ERROR;
}

static Functions functions;

U C_GetFunctionList(Functions **list) {
    Functions *f = &functions;
    void *calls[] = {
        initialize, finalize, get_info, C_GetFunctionList, get_slot_list, NULL, get_token_info, get_mechanism_list, get_mechanism_info,
    };
    memcpy(f->calls, calls, sizeof calls);
    f->version.major = told("v3") ? 3 : 2;
    f->version.minor = told("v201") ? 1 : 0;
    f->calls[12] = open_session, f->calls[13] = close_session, f->calls[18] = login, f->calls[19] = logout;
    f->calls[20] = create_object, f->calls[22] = destroy_object, f->calls[24] = get_attribute_value;
    f->calls[25] = set_attribute_value, f->calls[29] = encrypt_init, f->calls[30] = encrypt;
    f->calls[37] = digest_init, f->calls[39] = digest_update, f->calls[40] = digest_key, f->calls[41] = digest_final;
    f->calls[58] = generate_key, f->calls[60] = wrap_key;
    if (told("null-info")) f->calls[2] = NULL;
    if (told("null-wrap")) f->calls[60] = NULL;
    if (told("null-digest-key")) f->calls[40] = NULL;
    if (told("null-generate")) f->calls[58] = NULL;
    if (told("null-all")) memset(f->calls, 0, sizeof f->calls);
    if (told("no-list")) f = NULL;
    *list = f;
    return OK;
}

/* Since PKCS#11 3.0. A module of version 2.40 that has the symbol but no interface is one of the untested cases. */
U C_GetInterface(B *name, Version *version, Interface **interface, U flags) {
    static Interface is = { "PKCS 11", &functions, 0 };
    Functions *list;
    (void)name, (void)version, (void)flags;
    *interface = NULL;
    if (told("no-interface")) return GENERAL_ERROR;
    if (told("interface-null")) { is.functions = NULL; *interface = &is; }
    if (told("interface-old")) { C_GetFunctionList(&list); *interface = &is; }
    if (told("v3")) { C_GetFunctionList(&list); *interface = &is; }
    return OK;
}
