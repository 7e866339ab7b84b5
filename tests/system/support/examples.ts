// The files of examples/: what users paste. The tests run them as they are.

import { readFileSync } from 'node:fs'
import { repository } from './programs.ts'

export const exampleFile = (name: string): string => `${repository}examples/${name}`

export const example = (name: string): string => readFileSync(exampleFile(name), 'utf8')
