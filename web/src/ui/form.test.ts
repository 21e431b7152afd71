import { expect, it } from 'vitest'
import { ApiError } from '../api.js'
import { fieldErrors } from './form.js'

it('finds the form’s field by pointer, dotted path or last part, and keeps the rest', () => {
  const error = new ApiError('invalid', 422, 'invalid', '', [
    { field: '/camera/rtsp/port', message: 'a' }, { field: 'password', message: 'b' }, { field: '/body/nothing', message: 'c' }, { field: 'login', message: 'd' }])
  expect(fieldErrors(error, ['camera.rtsp.port', 'password', 'login'])).toEqual({ fields: { 'camera.rtsp.port': 'a', password: 'b', login: 'd' }, rest: ['c'] })
})
