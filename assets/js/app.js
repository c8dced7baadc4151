// What script adds to pages that work without it. Each module looks for its own mark in the page and does nothing where there is none.
import 'htmx.org';
import { watchForms } from './forms.js';
import { watchQueues } from './queues.js';
import { watchQuotes } from './quotes.js';
import { watchWeeks } from './weeks.js';

watchForms(document);
watchQuotes(document);
watchQueues(document);
watchWeeks(document);
