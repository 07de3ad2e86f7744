/** Severities as PostgreSQL's own translations write them (src/backend/po), with the English ones. */
const translated: Readonly<Record<string, string>> = {
  FEHLER: 'ERROR',
  PANIK: 'PANIC',
  WARNUNG: 'WARNING',
  HINWEIS: 'NOTICE',
  ERREUR: 'ERROR',
  ATTENTION: 'WARNING',
  ERRORE: 'ERROR',
  FATALE: 'FATAL',
  PANICO: 'PANIC',
  ATTENZIONE: 'WARNING',
  NOTIFICA: 'NOTICE',
  ERRO: 'ERROR',
  AVISO: 'WARNING',
  ADVERTENCIA: 'WARNING',
  REGISTRO: 'LOG',
  NOTA: 'NOTICE',
  ОШИБКА: 'ERROR',
  ВАЖНО: 'FATAL',
  ПАНИКА: 'PANIC',
  ПРЕДУПРЕЖДЕНИЕ: 'WARNING',
  СООБЩЕНИЕ: 'LOG',
  ОТМЕТКА: 'LOG',
  ЗАМЕЧАНИЕ: 'NOTICE',
  ИНФОРМАЦИЯ: 'INFO',
  ПОМИЛКА: 'ERROR',
  ФАТАЛЬНО: 'FATAL',
  ПАНІКА: 'PANIC',
  ПОПЕРЕДЖЕННЯ: 'WARNING',
  ЗАПИСУВАННЯ: 'LOG',
  ВІДОМОСТІ: 'INFO',
  ІНФОРМАЦІЯ: 'INFO',
  ПОВІДОМЛЕННЯ: 'NOTICE',
  BŁĄD: 'ERROR',
  KATASTROFALNY: 'FATAL',
  OSTRZEŻENIE: 'WARNING',
  DZIENNIK: 'LOG',
  UWAGA: 'NOTICE',
  HATA: 'ERROR',
  ÖLÜMCÜL: 'FATAL',
  UYARI: 'WARNING',
  FEL: 'ERROR',
  FATALT: 'FATAL',
  VARNING: 'WARNING',
  LOGG: 'LOG',
  NOTIS: 'NOTICE',
  エラー: 'ERROR',
  致命的エラー: 'FATAL',
  警告: 'WARNING',
  ログ: 'LOG',
  错误: 'ERROR',
  致命错误: 'FATAL',
  严重: 'FATAL',
  日志: 'LOG',
  注意: 'NOTICE',
  信息: 'INFO',
  比致命错误还过分的错误: 'PANIC',
  오류: 'ERROR',
  치명적오류: 'FATAL',
  손상: 'PANIC',
  경고: 'WARNING',
  로그: 'LOG',
  알림: 'NOTICE',
  정보: 'INFO',
};

const translatedParts = [
  'ANWEISUNG',
  'TIPP',
  'ZUSAMMENHANG',
  'ANFRAGE',
  'DÉTAIL',
  'ASTUCE',
  'INSTRUCTION',
  'CONTEXTE',
  'REQUÊTE',
  'DETALLE',
  'SUGERENCIA',
  'SENTENCIA',
  'CONSULTA',
  'CONTEXTO',
  'DETTAGLI',
  'SUGGERIMENTO',
  'ISTRUZIONE',
  'CONTESTO',
  'DETALHE',
  'DICA',
  'COMANDO',
  'ПОДРОБНОСТИ',
  'ПОДСКАЗКА',
  'ОПЕРАТОР',
  'КОНТЕКСТ',
  'ЗАПРОС',
  'ЗАПИТ',
  'ІНСТРУКЦІЯ',
  'УКАЗІВКА',
  'SZCZEGÓŁY',
  'PODPOWIEDŹ',
  'WYRAŻENIE',
  'KONTEKST',
  'DETALJ',
  'KONTEXT',
  'FRÅGA',
  'TIPS',
  'SATS',
  '詳細',
  'ヒント',
  '文',
  '文脈',
  '問い合わせ',
  '详细信息',
  '提示',
  '语句',
  '上下文',
  '查询',
  '상세정보',
  '힌트',
  '구문',
  '명령 구문',
  '내용',
];

/** The English word of a severity, and whether it was another language's. Null for what is none. */
export function severityOf(word: string): { readonly severity: string; readonly foreign: boolean } | null {
  if (english.has(word)) return { severity: word, foreign: false };
  const known = translated[word];
  return known === undefined ? null : { severity: known, foreign: true };
}

/** What a word that nobody knows stands for, by the class of its SQLSTATE. */
export function severityFor(
  word: string,
  sqlstate: string | null,
): { readonly severity: string; readonly foreign: boolean } {
  const known = severityOf(word);
  if (known !== null) return known;
  const group = sqlstate?.slice(0, 2) ?? '00';
  return { severity: group === '00' ? 'LOG' : group === '01' ? 'WARNING' : 'ERROR', foreign: true };
}

const english = new Set([
  'DEBUG',
  'DEBUG1',
  'DEBUG2',
  'DEBUG3',
  'DEBUG4',
  'DEBUG5',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'LOG',
  'FATAL',
  'PANIC',
]);

/** Begins a message of another language, or a part of one. Followed by a colon, in French with a space before it. */
export const foreignHeader = new RegExp(
  `^(.{0,600}?)(?<![\\p{L}])(${[...Object.keys(translated), ...translatedParts].toSorted((a, b) => b.length - a.length).join('|')})[ \\u00a0\\u202f]?: {1,2}`,
  'u',
);

/** A duration in the words of another language: `Dauer: 0.4 ms  Anweisung: …`. */
export const foreignDuration =
  /^(?:Dauer|durée|duración|durata|duração|продолжительность|тривалість|czas trwania|süre|varaktighet|期間|执行时间|수행시간|실행시간)\s?[:：]?\s/i;
