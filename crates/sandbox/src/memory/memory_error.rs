//! Why there are no pages for secrets.

use keyferry_core::{Bilingual, bi, refusals};

refusals! {
    /// Why there are no pages for secrets, or no locked ones.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum MemoryError: Refused {
        /// No pages could be mapped and protected.
        Map => SECRET_MEMORY,
            what("no pages for key material could be mapped", "无法映射用于密钥材料的内存页"),
            hint(raise_the_limit());
        /// The pages were mapped, but could not be locked into memory.
        Lock => SECRET_MEMORY,
            what("the pages for key material could not be locked: they could be written to swap",
                 "用于密钥材料的内存页无法锁定：可能被写入交换空间"),
            hint(raise_the_limit());
    }
}

fn raise_the_limit() -> Bilingual {
    bi!(
        "raise the limit on locked memory (`ulimit -l`), or use a kernel with memfd_secret (Linux 6.5; before that, start it with \
         secretmem.enable=1)",
        "请提高锁定内存的上限（`ulimit -l`），或使用支持 memfd_secret 的内核（Linux 6.5；更早的内核启动时请加上 secretmem.enable=1）"
    )
}
