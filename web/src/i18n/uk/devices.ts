export const devices = {
  devices: { title: 'Пристрої', search: 'Назва, адреса, об’єкт…', none: 'Пристроїв ще немає', noneHint: 'Адміністратор додає їх у розділі «Керування».', count_one: '{{count}} пристрій', count_few: '{{count}} пристрої', count_many: '{{count}} пристроїв', count_other: '{{count}} пристрою', reason: 'Причина', noSite: 'Без об’єкта', noGroup: 'Без групи', sort: 'Сортування', list: 'Список пристроїв' },
  motion: {
    title: 'Виявлення руху', edit: 'Налаштувати', off: 'Вимкнено', everywhere: 'У всьому кадрі', inRegions_one: 'В {{count}} ділянці', inRegions_few: 'У {{count}} ділянках', inRegions_many: 'У {{count}} ділянках', inRegions_other: 'У {{count}} ділянки', sensitivityIs: 'чутливість {{value}}',
    hint: 'Для камер, які самі про рух не повідомляють. Без ділянок рух шукають у всьому кадрі, крім масок приватності.', enabled: 'Шукати рух на картинці цієї камери',
    level: 'Рух зараз', threshold: 'Поріг {{value}} %', moves: 'Рух є', still: 'Спокійно', meterOff: 'Рівень руху видно після ввімкнення і збереження.', noLevels: 'Рівень руху не отримано',
    state: { watching: 'Спокійно', settling: 'Звикає до картинки…', no_picture: 'Немає картинки', camera_reports: 'Камера сама повідомляє про рух', off: 'Агент ще не отримав налаштувань' },
    sensitivity: 'Чутливість', minArea: 'Найменша площа', minAreaHint: 'Частка ділянок, яку має вкрити один предмет', hold: 'Кінець руху через', holdHint: 'Стільки спокою закінчує подію', seconds: 'с',
    save: 'Зберегти', saved: 'Виявлення руху збережено', leaveTitle: 'Вийти без збереження?', leaveText: 'Зміни буде втрачено.', leave: 'Вийти'
  },
  masks: {
    title: 'Маски приватності', edit: 'Змінити маски', none: 'Масок немає: картинку видно повністю', some_one: '{{count}} маска', some_few: '{{count}} маски', some_many: '{{count}} масок', some_other: '{{count}} маски',
    hint: 'Закриті частини не бачать оператори й техніки: ні наживо, ні в записах, ні в уривках. Самі записи лишаються повними.', turns: 'Камера повертається: маски діють лише там, де вона дивиться зараз. Коли вона дивиться деінде, картинку закрито повністю, записи теж.', save: 'Зберегти маски', saved: 'Маски збережено', noPicture: 'Немає картинки для розмітки',
    leaveTitle: 'Вийти без збереження?', leaveText: 'Зміни масок буде втрачено.', leave: 'Вийти'
  },
  regions: {
    label: 'Ділянки картинки', corner: 'Ділянка {{region}}, кут {{number}}', close: 'Замкнути', back: 'Прибрати останню точку', rectangle: 'Додати прямокутник', remove: 'Видалити ділянку {{number}}',
    hint: 'Клацайте по картинці, щоб обвести ділянку; клацання по готовій вибирає її.', hintDraft: 'Клацніть по першій точці або натисніть Enter, щоб замкнути; Backspace прибирає останню точку.', hintSelected: 'Перетягуйте кути або рухайте їх стрілками (із Shift точніше); Delete прибирає кут.'
  },
  device: {
    live: 'Наживо', snapshot: 'Знімок', takeSnapshot: 'Новий знімок', snapshotAt: 'Знімок {{age}} тому', why: 'Чому', path: 'Як під’єднано', whyUp: 'Усе працює', measured: 'Виміряно', plots: 'Останні виміри', history: 'Історія станів', ports: 'Порти', alarms: 'Тривоги пристрою', port: 'Порт комутатора', settings: 'Дані пристрою', observed: 'Останнє спостереження', never: 'ще ніколи', parent: 'Через', agent: 'Агент', removed: 'Пристрій видалено', noAlarms: 'Тривог немає', noHistory: 'Стан ще не змінювався', noPorts: 'Порти ще не прочитано', noSeries: 'Вимірів за цей час немає', noPort: 'Порт комутатора не вказано', devicesBehind: 'Пристрої за портом', stream: 'Потік', mainStream: 'Основний', subStream: 'Додатковий', client: 'Клієнт', behind: 'За цим пристроєм', showAllPorts: 'Показати всі порти', onlyActive: 'Лише чинні порти'
  },
  light: {
    dbm: 'дБм', title: 'Світло в оптичних портах', none: 'Оптичних модулів не знайдено', noneHint: 'Комутатор їх не має або не повідомляє про світло.', notRead: 'Модулі ще не прочитано', readAt: 'Прочитано {{age}} тому', stale: 'Дані старі: прочитано {{age}} тому', rx: 'Приймання', tx: 'Передавання', 
    vendor: 'Виробник', part: 'Модель', serial: 'Серійний номер', wavelength: 'Довжина хвилі', lanes: 'Лазерів', bias: 'Струм лазера', temperature: 'Температура модуля', voltage: 'Напруга', ofPort: 'Світло порту', noReading: 'немає', of: 'Світло порту {{port}}',
    dark: 'без зв’язку', disabled: 'вимкнено', gateHint: 'Порт без зв’язку: рівень показано, тривог за ним немає',
    level: { low_alarm: 'замало', low_warn: 'малувато', ok: 'у межах', high_warn: 'багатувато', high_alarm: 'забагато' },
    limits: 'Межі', setLimits: 'Змінити межі', limitsOf: 'Межі світла порту {{port}}', lowAlarm: 'Тривога: мало', lowWarn: 'Увага: мало', highWarn: 'Увага: багато', highAlarm: 'Тривога: багато',
    source: { person: 'задано людиною', module: 'з модуля', default: 'звичайні' }, own: 'Власні межі', ownHint: 'Без власних меж діють межі модуля, а якщо їх немає — звичайні.', save: 'Зберегти межі', saved: 'Межі збережено', order: 'Кожна межа має бути вищою за попередню', range: 'Від −60 до 30 дБм', problems: 'Лише з відхиленнями', history: 'Світло за 24 години', filter: 'Порт, вузол, серійний номер…'
  },
  sensors: { title: 'Датчики й живлення', none: 'Датчиків комутатор не показує', kind: { cpu: 'Процесор', memory: 'Пам’ять', temperature: 'Температура', fan: 'Вентилятор', power_supply: 'Блок живлення', voltage: 'Напруга', power: 'Потужність' }, status: { ok: 'справний', warning: 'попереджає', failed: 'несправний' } },
  poe: { title: 'Живлення через порти (PoE)', used: 'Використано {{used}} з {{budget}}', delivering: 'живить', searching: 'чекає', off: 'вимкнено', fault: 'збій', unknown: 'невідомо', number: 'порт {{number}}', fed_one: '{{count}} порт живить', fed_few: '{{count}} порти живлять', fed_many: '{{count}} портів живлять', fed_other: '{{count}} порту живить' },
  chain: { noAgentHint: 'Його ніхто не опитує: призначте агента в розділі «Керування»', self: 'Цей пристрій', port: 'Порт {{port}}', agent: 'Агент {{name}}', cause: 'Тут причина', portState: 'Порт {{state}}' },
  measure: { fps: 'Кадрів за секунду', bitrate: 'Потік даних', keyFrameInterval: 'Між ключовими кадрами', codec: 'Кодек', resolution: 'Роздільність', audio: 'Звук', packetsLost: 'Втрачено пакетів', reconnects: 'Перепідключень', clockOffset: 'Відхилення годинника', rtt: 'Час відповіді', status: 'Стан потоку' },
  streamStatus: { connecting: 'з’єднання', playing: 'іде', stalled: 'зупинився', failed: 'помилка', stopped: 'не запитано' },
  portTable: { name: 'Порт', alias: 'Опис', admin: 'Увімкнено', oper: 'Зв’язок', speed: 'Швидкість', in: 'Вхід', out: 'Вихід', errors: 'Помилки/с', discards: 'Відкинуто/с', devices: 'Пристрої', since: 'Відтоді' },
  oper: { up: 'є', down: 'немає', testing: 'перевірка', unknown: 'невідомо', dormant: 'очікує', not_present: 'відсутній', lower_layer_down: 'нижній рівень не працює' },
  admin: { up: 'так', down: 'вимкнено', testing: 'перевірка' },
  plot: { time: 'Час', rtt: 'Час відповіді, мс', fps: 'Кадрів за секунду', bitrate: 'Потік даних', traffic: 'Трафік порту {{port}}', in: 'Вхід', out: 'Вихід', choosePort: 'Порт', hour: '1 год', sixHours: '6 год', day: '24 год', week: '7 днів', range: 'Проміжок' },
  unit: { ms: '{{value}} мс', s: '{{value}} с', bps: '{{value}} біт/с', kbps: '{{value}} кбіт/с', mbps: '{{value}} Мбіт/с', gbps: '{{value}} Гбіт/с', fps: '{{value}} кадр/с', dbm: '{{value}} дБм', nm: '{{value}} нм', ma: '{{value}} мА', celsius: '{{value}} °C', volts: '{{value}} В', watts: '{{value}} Вт', percent: '{{value}} %', rpm: '{{value}} об/хв' }
}
