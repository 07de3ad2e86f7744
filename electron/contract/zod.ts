// The renderer's content security policy has no 'unsafe-eval': zod must not try to compile with Function().
// Everything imports zod from here, so that this runs before the first schema is made.
import { config, z } from 'zod';

config({ jitless: true });

export { z };
