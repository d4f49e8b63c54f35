// What to do if credentials are missing, in English and 简体中文. It is a cell on the page of controls; no program contains it.
[
    "Set `TENCENTCLOUD_SECRET_ID` and `TENCENTCLOUD_SECRET_KEY` (and `_TOKEN` for temporary ones), or use the vendor tools' files.",
    "设置 `TENCENTCLOUD_SECRET_ID` 与 `TENCENTCLOUD_SECRET_KEY`（临时凭证还需 `_TOKEN`），或使用官方工具的凭证文件。",
]
