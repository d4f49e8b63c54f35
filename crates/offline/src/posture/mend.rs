//! How to fix each property, as a sentence for the people in the room.

use keyferry_core::{Bilingual, PostureCheck, bi};

/// How to fix the machine if the check does not pass.
pub(super) fn mend(check: PostureCheck) -> Bilingual {
    use PostureCheck as C;
    match check {
        C::NoNetwork => bi!(
            "remove the cable and the card, or use `ip link set NAME down` and `ip addr flush dev NAME`; start the program from a plain terminal: outside containers and namespaces, with /proc mounted without hidepid, and without open descriptors of other programs",
            "拔掉网线与网卡，运行 `ip link set 名称 down`、`ip addr flush dev 名称`；请在普通终端中启动本程序：不在容器或命名空间内，/proc 挂载时不带 hidepid，且不继承其他程序的描述符"
        ),
        C::NoRadio => bi!(
            "remove the radio, or switch it off in the firmware; at least run `rfkill block all`",
            "请拆除无线模块，或在固件中关闭；至少运行 `rfkill block all`"
        ),
        C::NoSwap => bi!("`swapoff -a`", "运行 `swapoff -a`"),
        C::NoHibernation => {
            bi!("boot without resume= and with nohibernate", "启动时去掉 resume=，并加上 nohibernate")
        }
        C::NoCoreDumps => bi!(
            "`sysctl -w kernel.core_pattern=core`; use a kernel that lets a process forbid dumps",
            "运行 `sysctl -w kernel.core_pattern=core`；使用允许进程禁止转储的内核"
        ),
        C::NoTracer => bi!(
            "start the program without a debugger, strace or the like; find out who traces it",
            "不要在调试器或 strace 等工具下启动本程序；查明是谁在跟踪"
        ),
        C::PtraceScope => {
            bi!("`sysctl -w kernel.yama.ptrace_scope=2`", "运行 `sysctl -w kernel.yama.ptrace_scope=2`")
        }
        C::KernelLockdown => bi!("boot with lockdown=confidentiality", "启动时加上 lockdown=confidentiality"),
        C::SecureBoot => bi!("switch on Secure Boot in the firmware", "请在固件中启用 Secure Boot"),
        C::BareMetal => bi!("use a physical machine", "请使用独立的物理机"),
        C::NobodyElse => bi!(
            "log the others out, stop remote access, and restart; for a console on a serial line, restart without console=ttyS0",
            "请让其他人退出登录，停止远程访问，重新启动；如控制台在串口上，请去掉 console=ttyS0 后重新启动"
        ),
        C::PrivateOutput => bi!(
            "`chmod go-rwx FOLDER`, or use another folder: `mkdir -m 700 FOLDER`; mount a medium with FAT, exFAT or NTFS with -o umask=077. If the medium is read-only, check its switch and the mount options; after a power cut run `fsck.vfat -a DEVICE` (`fsck.exfat -y`, `e2fsck -p`)",
            "运行 `chmod go-rwx 文件夹`，或另建一个：`mkdir -m 700 文件夹`；FAT、exFAT 或 NTFS 介质请以 -o umask=077 挂载。介质只读时：检查写保护开关与挂载选项；断电之后运行 `fsck.vfat -a 设备`（或 `fsck.exfat -y`、`e2fsck -p`）"
        ),
        C::MemoryOutput => {
            bi!("write to the medium, or to a tmpfs such as /dev/shm", "请写入介质，或写入 /dev/shm 等 tmpfs")
        }
        C::EntropySource => bi!(
            "use a machine with a hardware generator; provide virtio-rng to a virtual one",
            "请使用带硬件随机数发生器的机器；虚拟机请配置 virtio-rng"
        ),
        C::KnownProgram => bi!(
            "compare it with the paper from the person who built the program, or name it in the plan: program_sha256 under [posture]",
            "请与程序构建者提供的纸质记录核对，或在计划的 [posture] 中写明 program_sha256"
        ),
        C::ClockConfirmed => bi!(
            "read the time from a witnessed clock; if this one differs, give it with --now",
            "请从有见证的时钟读取时间；如与本机不同，用 --now 给出"
        ),
        C::Sandbox => bi!(
            "use a Linux kernel of 6.1 or later with seccomp and Landlock, and no other sandbox around the program",
            "请使用 6.1 或更新、支持 seccomp 与 Landlock 的 Linux 内核，且不要再套用其他沙箱"
        ),
        C::SecretMemory => bi!(
            "raise the limit on locked memory (`ulimit -l`), or use a kernel with `memfd_secret` (Linux 6.5; before that, start it with secretmem.enable=1)",
            "请提高锁定内存的上限（`ulimit -l`），或使用支持 `memfd_secret` 的内核（Linux 6.5；更早的内核启动时请加上 secretmem.enable=1）"
        ),
    }
}
