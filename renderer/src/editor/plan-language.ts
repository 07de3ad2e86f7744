import type { MonacoApi, Monaco, TextModel } from './load-monaco.ts';
import { planLineTokens } from './plan-line-tokens.ts';

/** Monaco's id for EXPLAIN text. */
export const planLanguageId = 'postgres-plan';

/** What the language's providers answer for one model. Lines are 1-based. */
export interface PlanTextFacts {
  readonly folding: readonly { readonly start: number; readonly end: number }[];
  /** The lines that a hover belongs to, and its words: the first is a heading. */
  readonly hoverAt: (
    line: number,
  ) => { readonly start: number; readonly end: number; readonly words: readonly string[] } | null;
}

const factsByModel = new WeakMap<TextModel, PlanTextFacts>();
let registered = false;

/** Teaches Monaco the text of plans, once. */
export function registerPlanLanguage(monaco: MonacoApi): void {
  if (registered) return;
  registered = true;
  monaco.languages.register({ id: planLanguageId });
  const state: Monaco.languages.IState = { clone: () => state, equals: () => true };
  monaco.languages.setTokensProvider(planLanguageId, {
    getInitialState: () => state,
    tokenize: (line) => ({ tokens: planLineTokens(line), endState: state }),
  });
  monaco.languages.registerFoldingRangeProvider(planLanguageId, {
    provideFoldingRanges: (model) => factsByModel.get(model)?.folding.map(({ start, end }) => ({ start, end })) ?? [],
  });
  monaco.languages.registerHoverProvider(planLanguageId, {
    provideHover: (model, { lineNumber }) => {
      const hover = factsByModel.get(model)?.hoverAt(lineNumber) ?? null;
      if (hover === null) return null;
      const [heading = '', ...sentences] = hover.words;
      return {
        range: new monaco.Range(lineNumber, 1, lineNumber, model.getLineMaxColumn(lineNumber)),
        contents: [{ value: `**${plainMarkdown(heading)}**` }, { value: sentences.map(plainMarkdown).join('\n\n') }],
      };
    },
  });
}

/** Says what the providers answer for a model. */
export function setPlanTextFacts(model: TextModel, facts: PlanTextFacts): void {
  factsByModel.set(model, facts);
}

/** Text as Markdown that shows exactly this text: names in a plan must not become links or pictures. */
export function plainMarkdown(text: string): string {
  return text.replaceAll(/[!-/:-@[-`{-~]/g, (sign) => `\\${sign}`).replaceAll(/\s+/g, ' ');
}
