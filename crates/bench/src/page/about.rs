//! The end of the page: what was measured, on which machine, and how.

use keyferry_core::bi;
use keyferry_transport::html::Html;

use super::Page;
use crate::figures::Effort;
use crate::text::Text;
use crate::words;

impl Page<'_> {
    pub(super) fn facts(&self, html: &mut Html) {
        let (machine, build) = (&self.report.machine, &self.report.build);
        let unknown = || self.say(&bi!("not reported by the system", "系统未提供")).to_owned();
        let features: Vec<&str> = machine.features.iter().map(Text::as_str).collect();
        let load = machine.load.map_or_else(unknown, |l| format!("{l:.2}"));
        let governor = machine.governor.as_ref().map_or_else(unknown, |g| g.as_str().to_owned());
        let digest = build.binary_sha256.map_or_else(unknown, |d| d.to_string());
        let mut facts = vec![
            (bi!("machine", "机器"), self.say(&words::machine(machine)).to_owned()),
            (bi!("features", "指令集"), features.join(" ")),
            (bi!("frequency governor", "频率调节策略"), governor),
            (bi!("load before", "运行前负载"), load),
            (bi!("kernel", "内核"), machine.kernel.as_str().to_owned()),
            (bi!("keyferry", "keyferry"), build.version.as_str().to_owned()),
            (bi!("program's SHA-256", "程序的 SHA-256"), digest),
            (bi!("compiler", "编译器"), build.rustc.as_str().to_owned()),
            (
                bi!("target, profile", "平台与构建配置"),
                format!("{}, {}", build.target.as_str(), build.profile.as_str()),
            ),
        ];
        if let Some(revision) = &build.revision {
            facts.push((bi!("revision", "修订版本"), revision.as_str().to_owned()));
        }
        if !build.rustflags.as_str().is_empty() {
            facts.push((bi!("compiler flags", "编译参数"), build.rustflags.as_str().to_owned()));
        }
        if let Some(station) = self.report.station_sha256 {
            facts.push((
                bi!("keyferry-offline's SHA-256", "keyferry-offline 的 SHA-256"),
                station.to_string(),
            ));
        }
        let title = bi!("Machine and build", "机器与构建");
        let below = bi!("What was measured.", "以上数据所属的环境。");
        self.section(html, &title, &below, |html| {
            html.nest("dl", &[], |html| {
                for (name, value) in &facts {
                    html.leaf("dt", &[], self.say(name));
                    let class = if value.len() == 64 { "mono" } else { "plain" };
                    html.leaf("dd", &[("class", class)], value);
                }
            });
        });
    }

    pub(super) fn method(&self, html: &mut Html) {
        let title = bi!("How it was measured", "测量方法");
        let seconds = self.report.took_ms / 1000;
        let effort = match self.report.effort {
            Effort::Quick => bi!(
                "--quick, {seconds} s: rough figures, with wide intervals",
                "--quick，{seconds} 秒：初步了解，区间较宽"
            ),
            Effort::Default => bi!("{seconds} s in all", "共 {seconds} 秒"),
            Effort::Full => bi!("--full, {seconds} s in all", "--full，共 {seconds} 秒"),
        };
        let points = [
            bi!(
                "Contenders run in turn, round by round, in one process and on one thread; each round begins with a different one. So the drift of the machine affects them all.",
                "各实现在同一进程、同一线程内逐轮交替运行，每轮由不同的实现开始；机器的漂移对所有实现的影响相同。"
            ),
            bi!(
                "A sample is as many calls as fill a quarter of a millisecond, at least one. Every implementation gets its randomness as in normal use: keyferry asks the kernel for every key.",
                "每个样本的调用次数以填满四分之一毫秒为准，至少一次。各实现按实际使用的方式取得随机数：keyferry 每个密钥都向内核请求。"
            ),
            bi!(
                "Times are medians with the 95 % interval of order statistics, which assumes no distribution. Ratios are computed within \
                 each round and then treated in the same way. With fewer than six rounds the interval is the whole range. It shows the \
                 uncertainty of this run's median; another run may differ by more.",
                "时间取中位数及由次序统计量得到的 95 % 区间，不假设任何分布。比值先在每轮内计算，再以同样方式处理。少于六轮时，区间为全部范围。区间表示本次运行对其中位数的把握；另一次运行的漂移可能更大。"
            ),
            bi!(
                "Memory is the growth of the process's peak of resident memory compared with one key; sizes ascend. Growth below half a mebibyte is not shown.",
                "内存为进程常驻内存峰值相对于处理一个密钥时的增长；数量递增测量。不足半 MiB 时不显示。"
            ),
        ];
        self.section(html, &title, &effort, |html| {
            html.nest("ul", &[], |html| {
                for point in &points {
                    self.leaf(html, "li", "", point);
                }
                for missing in &self.report.left_out {
                    let missing = words::missing(*missing);
                    self.leaf(html, "li", "", &bi!("Not measured. {}", "未测量。{}", self.say(&missing)));
                }
            });
        });
    }

    pub(super) fn footer(&self, html: &mut Html) {
        let text = bi!(
            "Made by keyferry bench on this machine. The same numbers are in bench.json; keyferry bench --compare bench.json shows what \
             has changed since.",
            "由 keyferry bench 在本机生成。bench.json 含有相同数据；keyferry bench --compare bench.json 可显示变化。"
        );
        self.leaf(html, "footer", "", &text);
    }
}
