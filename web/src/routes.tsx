/** Addresses and their screens, in code so that a link to a page that is not there does not compile. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { complianceChecks, complianceStatuses } from '../../server/contract/compliance.js'
import { type DeviceKind, deviceKinds } from '../../server/contract/inventory.js'
import type { ComplianceSearch } from './devices/compliance/data.js'
import { Account } from './session/account.js'
import { Invitation } from './session/invitation.js'
import { Setup } from './session/setup.js'
import { SignIn } from './session/sign-in.js'
import { Shell } from './shell/shell.js'
import { NotFound, PageError } from './shell/not-found.js'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })
const optionalText = (value: unknown) => typeof value === 'string' ? value : undefined

const signIn = createRoute({
  getParentRoute: () => root, path: '/sign-in', component: SignIn,
  validateSearch: (search: Record<string, unknown>): { to?: string, ended?: boolean } => ({ to: optionalText(search.to), ended: search.ended === true || undefined })
})
const setup = createRoute({ getParentRoute: () => root, path: '/setup', component: Setup })
const invitation = createRoute({ getParentRoute: () => root, path: '/invitation', component: Invitation })

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell, notFoundComponent: NotFound })
const wall = createRoute({ getParentRoute: () => shell, path: '/', component: lazyRouteComponent(() => import('./wall/wall-page.js'), 'WallPage') })
const playback = createRoute({
  getParentRoute: () => shell, path: '/playback', component: lazyRouteComponent(() => import('./playback/playback-page.js'), 'PlaybackPage'),
  validateSearch: (search: Record<string, unknown>): { cameras?: string, at?: number, from?: string } => ({
    cameras: optionalText(search.cameras), at: typeof search.at === 'number' && Number.isFinite(search.at) ? search.at : undefined, from: optionalText(search.from)
  })
})
const alarms = createRoute({ getParentRoute: () => shell, path: '/alarms', component: lazyRouteComponent(() => import('./alarms/alarms-page.js'), 'AlarmsPage') })
const devices = createRoute({
  getParentRoute: () => shell, path: '/devices', component: lazyRouteComponent(() => import('./devices/devices-page.js'), 'DevicesPage'),
  validateSearch: (search: Record<string, unknown>): { kind?: string, state?: string, site?: string, group?: string, q?: string } => ({
    kind: optionalText(search.kind), state: optionalText(search.state), site: optionalText(search.site), group: optionalText(search.group), q: optionalText(search.q)
  })
})
const compliance = createRoute({
  getParentRoute: () => shell, path: '/devices/compliance', component: lazyRouteComponent(() => import('./devices/compliance/compliance-page.js'), 'CompliancePage'),
  validateSearch: (search: Record<string, unknown>): ComplianceSearch => ({
    check: complianceChecks.find(c => c === search.check), status: complianceStatuses.find(s => s === search.status), siteId: optionalText(search.siteId), groupId: optionalText(search.groupId), q: optionalText(search.q),
    sort: optionalText(search.sort), descending: search.descending === true || undefined
  })
})
const device = createRoute({ getParentRoute: () => shell, path: '/devices/$id', component: lazyRouteComponent(() => import('./devices/device-page.js'), 'DevicePage') })
const network = createRoute({ getParentRoute: () => shell, path: '/network', beforeLoad: () => { throw redirect({ to: '/network/plant', replace: true }) } })
const optionalNumber = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
const plant = createRoute({
  getParentRoute: () => shell, path: '/network/plant', component: lazyRouteComponent(() => import('./network/plant/plant-page.js'), 'PlantPage'),
  validateSearch: (search: Record<string, unknown>): { view?: string, cable?: string, strand?: number } => ({ view: optionalText(search.view), cable: optionalText(search.cable), strand: optionalNumber(search.strand) })
})
const otdr = createRoute({
  getParentRoute: () => shell, path: '/network/otdr', component: lazyRouteComponent(() => import('./network/otdr/otdr-page.js'), 'OtdrPage'),
  validateSearch: (search: Record<string, unknown>): { trace?: string, cable?: string } => ({ trace: optionalText(search.trace), cable: optionalText(search.cable) })
})
const account = createRoute({ getParentRoute: () => shell, path: '/account', component: Account })

const admin = createRoute({ getParentRoute: () => shell, path: '/admin', component: lazyRouteComponent(() => import('./admin/admin-layout.js'), 'AdminLayout') })
const optionalKind = (value: unknown): DeviceKind | undefined => deviceKinds.find(kind => kind === value)
const adminScreens = [
  createRoute({ getParentRoute: () => admin, path: '/', component: lazyRouteComponent(() => import('./admin/admin-layout.js'), 'AdminIndex') }),
  createRoute({ getParentRoute: () => admin, path: '/devices', component: lazyRouteComponent(() => import('./admin/devices/devices-admin-page.js'), 'DevicesAdminPage') }),
  createRoute({
    getParentRoute: () => admin, path: '/devices/new', component: lazyRouteComponent(() => import('./admin/devices/new-device-page.js'), 'NewDevicePage'),
    validateSearch: (search: Record<string, unknown>): { kind?: DeviceKind, suggestion?: string } => ({ kind: optionalKind(search.kind), suggestion: optionalText(search.suggestion) })
  }),
  createRoute({ getParentRoute: () => admin, path: '/devices/$id', component: lazyRouteComponent(() => import('./admin/devices/edit-device-page.js'), 'EditDevicePage') }),
  createRoute({ getParentRoute: () => admin, path: '/import', component: lazyRouteComponent(() => import('./admin/import/import-page.js'), 'ImportPage') }),
  createRoute({ getParentRoute: () => admin, path: '/discovery', component: lazyRouteComponent(() => import('./admin/discovery/discovery-page.js'), 'DiscoveryPage') }),
  createRoute({ getParentRoute: () => admin, path: '/sites', component: lazyRouteComponent(() => import('./admin/sites-page.js'), 'SitesPage') }),
  createRoute({ getParentRoute: () => admin, path: '/groups', component: lazyRouteComponent(() => import('./admin/groups-page.js'), 'GroupsPage') }),
  createRoute({ getParentRoute: () => admin, path: '/agents', component: lazyRouteComponent(() => import('./admin/agents-page.js'), 'AgentsPage') }),
  createRoute({ getParentRoute: () => admin, path: '/recording', component: lazyRouteComponent(() => import('./admin/recording/recording-page.js'), 'RecordingPage') }),
  createRoute({ getParentRoute: () => admin, path: '/events', component: lazyRouteComponent(() => import('./admin/events/rules-page.js'), 'EventRulesPage') }),
  createRoute({ getParentRoute: () => admin, path: '/locks', component: lazyRouteComponent(() => import('./admin/recording/locks-page.js'), 'LocksPage') }),
  createRoute({ getParentRoute: () => admin, path: '/availability', component: lazyRouteComponent(() => import('./admin/recording/availability-page.js'), 'AvailabilityPage') }),
  createRoute({ getParentRoute: () => admin, path: '/users', component: lazyRouteComponent(() => import('./admin/people/users-page.js'), 'UsersPage') }),
  createRoute({ getParentRoute: () => admin, path: '/sessions', component: lazyRouteComponent(() => import('./admin/people/sessions-page.js'), 'SessionsPage') }),
  createRoute({ getParentRoute: () => admin, path: '/audit', component: lazyRouteComponent(() => import('./admin/people/audit-page.js'), 'AuditPage') }),
  createRoute({ getParentRoute: () => admin, path: '/settings', component: lazyRouteComponent(() => import('./admin/settings-page.js'), 'SettingsPage') })
] as const

export const router = createRouter({
  routeTree: root.addChildren([signIn, setup, invitation, shell.addChildren([wall, playback, alarms, devices, compliance, device, network, plant, otdr, account, admin.addChildren(adminScreens)])]),
  defaultErrorComponent: PageError, defaultPreload: 'intent', scrollRestoration: false
})
declare module '@tanstack/react-router' {
  interface Register { router: typeof router }
}
