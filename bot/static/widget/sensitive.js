// Masks what nobody should type into a chat, before it is shown, kept or sent: payment cards,
// Belgian and Romanian national numbers, bank accounts. The server masks once more.

const MASK = "•";
// with blanks, points and dashes; no telephone number with a plus
const DIGITS = /(?<![\w+.@/-])\d(?:[ ./-]{0,3}\d){8,18}(?![\w@])/g;
const ACCOUNT = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b/gi;
const CNP_WEIGHTS = Object.freeze([2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]);

// in pieces that a Number holds exactly
function by97(digits) {
  return digits.match(/.{1,7}/g).reduce((rest, piece) => Number(`${rest}${piece}`) % 97, 0);
}

function isDay(month, day) {
  return month <= 12 && day <= 31;
}

// ISO/IEC 7812: payment cards begin with 2 to 6 and pass Luhn's check.
function isCard(digits) {
  if (!/^[2-6]\d{12,18}$/.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const twice = Number(digit) * (1 + (place % 2));
    return total + (twice > 9 ? twice - 9 : twice);
  }, 0);
  return sum % 10 === 0;
}

// Birth date (BIS: month + 20 or 40), counter, 97 minus the rest; from 2000 on with a 2 in front.
function isBelgian(digits) {
  if (!/^\d{11}$/.test(digits)) return false;
  if (!isDay(Number(digits.slice(2, 4)) % 20, Number(digits.slice(4, 6)))) return false;
  const check = Number(digits.slice(9));
  return [digits.slice(0, 9), `2${digits.slice(0, 9)}`].some((n) => 97 - by97(n) === check);
}

// CNP: century and sex, birth date, county, counter, check digit.
function isRomanian(digits) {
  if (!/^[1-9]\d{12}$/.test(digits)) return false;
  const [month, day] = [Number(digits.slice(3, 5)), Number(digits.slice(5, 7))];
  if (month < 1 || day < 1 || !isDay(month, day)) return false;
  const rest = CNP_WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0) % 11;
  return (rest === 10 ? 1 : rest) === Number(digits[12]);
}

// IBAN (ISO 13616): turned, with letters as numbers, the rest by 97 is 1.
function isAccount(written) {
  const plain = written.replaceAll(" ", "").toUpperCase();
  if (plain.length < 15 || plain.length > 34) return false;
  const turned = plain.slice(4) + plain.slice(0, 4);
  return by97(turned.replace(/[A-Z]/g, (letter) => letter.charCodeAt(0) - 55)) === 1;
}

// The longest beginning that is right: what follows belongs to the sentence.
function accountIn(written) {
  for (let end = written.length; end >= 15; end -= 1) {
    if (isAccount(written.slice(0, end))) return written.slice(0, end);
  }
  return "";
}

function blotted(text) {
  return text.replace(/\d/g, MASK);
}

export function masked(text) {
  const withoutAccounts = text.replace(ACCOUNT, (written) => {
    const account = accountIn(written);
    return blotted(account) + written.slice(account.length);
  });
  return withoutAccounts.replace(DIGITS, (written) => {
    const digits = written.replace(/\D/g, "");
    const found = isCard(digits) || isBelgian(digits) || isRomanian(digits);
    return found ? blotted(written) : written;
  });
}
