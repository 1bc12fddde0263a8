// The words of the sign-in page, Chinese and English.

import { wordsFrom } from "../common/words.js";

const zh = {
  title: "登录",
  name: "用户名",
  password: "口令",
  show: "显示口令",
  enter: "登录",
  entering: "正在登录…",
  missing: "请填写用户名和口令。",
  wrong: "用户名或口令不对。",
  wait: (seconds) => `尝试过多，请 ${seconds >= 120 ? `${Math.ceil(seconds / 60)} 分钟` : `${seconds} 秒`}后再试。`,
  foreign: "请求被拒绝：请直接打开本页地址登录。",
  down: "采集中心没有应答，请稍后重试。",
  other_trouble: "登录没有成功，请稍后重试。",
  capsLock: "大写锁定已打开",
  forgotten: "没有账户或忘了口令，请找系统管理员。",
};

const en = {
  title: "Sign in",
  name: "Name",
  password: "Password",
  show: "Show password",
  enter: "Sign in",
  entering: "Signing in…",
  missing: "Fill in name and password.",
  wrong: "Wrong name or password.",
  wait: (seconds) => `Too many tries: try again in ${seconds >= 120 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} s`}.`,
  foreign: "Refused: open this page by its own address to sign in.",
  down: "The centre does not answer. Try again in a while.",
  other_trouble: "That did not work. Try again in a while.",
  capsLock: "Caps Lock is on",
  forgotten: "No account, or the password forgotten? Ask the administrator.",
};

export function wordsOf(lang) {
  return wordsFrom(lang, { zh, en });
}
