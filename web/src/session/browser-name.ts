/** "Firefox 140, Linux": enough to recognise one's own. */
export function browserName (userAgent: string) {
  const browser = /(Firefox|Edg|OPR|Chrome|Version)\/(\d+)/.exec(userAgent.replace(/Chrome\/\d+(?=.*(Edg|OPR)\/)/, ''))
  const system = /Windows|Android|iPhone|iPad|Mac OS X|Linux/.exec(userAgent)?.[0]
  const name = browser ? `${browser[1] === 'Version' ? 'Safari' : browser[1] === 'Edg' ? 'Edge' : browser[1]} ${browser[2]}` : userAgent.slice(0, 40)
  return system ? `${name}, ${system}` : name
}
