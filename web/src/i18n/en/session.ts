export const session = {
  signIn: { title: 'Sign in', login: 'Login', password: 'Password', submit: 'Sign in', wrong: 'Wrong login or password', noAccount: 'No account? Ask an administrator for an invitation.', ended: 'The session ended. Sign in again.' },
  setup: {
    title: 'First administrator', intro: 'Create the account of the first administrator. The link works once.', displayName: 'Full name', repeat: 'Password again', submit: 'Create and sign in',
    noToken: 'A set-up link is needed', noTokenHint: 'The server printed it on its console at the first start. Open all of it, with the part after “#”.', done: 'The system is already set up', doneHint: 'Sign in with your login.'
  },
  invitation: { title: 'New password', intro: 'Choose a password for your account. The link works once.', submit: 'Save the password', noToken: 'The link is incomplete', noTokenHint: 'Open all of it, with the part after “#”.', saved: 'The password is saved. Sign in now.' },
  password: {
    rule: 'At least 12 characters; a long phrase beats a complicated password', tooShort: 'At least 12 characters', mismatch: 'The passwords differ', too_common: 'This password is too common', contains_login: 'The password must not contain the login',
    wrong: 'The current password is wrong'
  },
  account: {
    title: 'Account', roles: 'Roles', signOut: 'Sign out', changePassword: 'Change password', current: 'Current password', next: 'New password', changed: 'The password is changed',
    sessions: 'Sessions', thisSession: 'this session', endSession: 'End', endSessionConfirm: 'End this session? That device will have to sign in again.', started: 'Started', lastSeen: 'Last activity', browser: 'Browser', endedSession: 'The session was ended',
    groups: 'Camera groups', allGroups: 'all groups', groupCount_one: '{{count}} group', groupCount_other: '{{count}} groups'
  },
  role: {
    administrator: 'Administrator', shift_lead: 'Shift lead', operator: 'Operator', technician: 'Technician', footage_registrar: 'Footage registrar', footage_approver: 'Footage approver', requester: 'Requester', auditor: 'Auditor', leadership: 'Leadership'
  }
}
