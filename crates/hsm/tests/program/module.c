/* A PKCS#11 module for tests: it does what the environment says; otherwise it has two identical tokens. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef unsigned long CK_ULONG;
typedef unsigned char CK_BYTE;
typedef struct { CK_BYTE major, minor; } CK_VERSION;
typedef struct { CK_VERSION cryptoki; CK_BYTE manufacturer[32]; CK_ULONG flags; CK_BYTE description[32]; CK_VERSION library; } CK_INFO;
typedef struct {
    CK_BYTE label[32], manufacturer[32], model[16], serial[16];
    CK_ULONG flags, counts[10];
    CK_VERSION hardware, firmware;
    CK_BYTE time[16];
} CK_TOKEN_INFO;
typedef struct { CK_VERSION version; void *calls[68]; } CK_FUNCTION_LIST;

enum { OK = 0, GENERAL_ERROR = 5, DEVICE_ERROR = 0x30 };
/* Random generator, login required, user PIN set, token initialised, clock. */
enum { FLAGS = 0x1 | 0x4 | 0x8 | 0x400, CLOCK = 0x40 };

static int told(const char *what) {
    const char *is = getenv("KEYFERRY_TEST_MODULE");
    return is != NULL && strcmp(is, what) == 0;
}

static void fill(CK_BYTE *to, size_t length, const char *text) {
    memset(to, ' ', length);
    memcpy(to, text, strlen(text) < length ? strlen(text) : length);
}

static CK_ULONG initialize(void *args) {
    (void)args;
    if (told("crash")) *(volatile int *)NULL = 1;
    if (told("abort")) abort();
    if (told("exit")) exit(7);
    if (told("hang")) for (;;) pause();
    if (told("refuse")) return DEVICE_ERROR;
    if (told("print")) {
        char answer[8];
        (void)!write(1, "\033[2Jnonsense\n", 13);
        (void)!write(2, "\033[2Jnonsense\n", 13);
        if (read(0, answer, sizeof answer) > 0) return GENERAL_ERROR;
    }
    if (told("talk over")) for (int fd = 3; fd < 64; fd++) (void)!write(fd, "nonsense", 8);
    if (told("network")) {
        if (socket(AF_UNIX, SOCK_STREAM, 0) < 0) return DEVICE_ERROR;
        if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_INET6, SOCK_DGRAM, 0) >= 0) return GENERAL_ERROR;
    }
    return OK;
}

static CK_ULONG finalize(void *reserved) { (void)reserved; return OK; }

static CK_ULONG get_info(CK_INFO *info) {
    memset(info, 0, sizeof *info);
    info->cryptoki.major = 2;
    info->cryptoki.minor = 40;
    fill(info->manufacturer, 32, told("escape") ? "\033[2Jcleared" : told("proxy") ? "PKCS#11 Kit" : "keyferry");
    fill(info->description, 32, "a module for tests");
    return OK;
}

static CK_ULONG get_slot_list(CK_BYTE with_token, CK_ULONG *slots, CK_ULONG *count) {
    (void)with_token;
    if (told("crash later")) *(volatile int *)NULL = 1;
    if (slots != NULL && *count >= 2) { slots[0] = 1; slots[1] = 2; }
    *count = 2;
    return OK;
}

static CK_ULONG get_token_info(CK_ULONG slot, CK_TOKEN_INFO *info) {
    memset(info, 0, sizeof *info);
    fill(info->label, 32, "ceremony");
    fill(info->manufacturer, 32, "keyferry");
    fill(info->model, 16, "test");
    fill(info->serial, 16, "0000000000000000");
    info->flags = FLAGS;
    if (told("clock") && slot == 1) {
        info->flags |= CLOCK;
        fill(info->time, 16, "not a time");
    }
    return OK;
}

static CK_ULONG get_mechanism_list(CK_ULONG slot, CK_ULONG *list, CK_ULONG *count) {
    (void)slot;
    (void)list;
    *count = 0;
    return OK;
}

static CK_FUNCTION_LIST calls;

CK_ULONG C_GetFunctionList(CK_FUNCTION_LIST **list) {
    calls.version.major = 2;
    calls.version.minor = 40;
    calls.calls[0] = (void *)initialize;
    calls.calls[1] = (void *)finalize;
    calls.calls[2] = (void *)get_info;
    calls.calls[3] = (void *)C_GetFunctionList;
    calls.calls[4] = (void *)get_slot_list;
    calls.calls[6] = (void *)get_token_info;
    calls.calls[7] = (void *)get_mechanism_list;
    *list = &calls;
    return OK;
}
