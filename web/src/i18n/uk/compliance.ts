export const compliance = {
  compliance: {
    title: 'Відповідність камер', open: 'Відповідність', list: 'Камери та перевірки', none: 'Камер ще немає', noneHint: 'Тут з’являться всі увімкнені камери з тим, що про них виміряно.',
    cameras_one: '{{count}} камера', cameras_few: '{{count}} камери', cameras_many: '{{count}} камер', cameras_other: '{{count}} камери', failing: 'з вадами: {{number}}', allGood: 'Вад немає', anyFailed: 'Із вадами', measuredAt: 'Станом на {{time}}',
    others_one: 'Ще {{count}} перевірка: гаразд', others_few: 'Ще {{count}} перевірки: гаразд', others_many: 'Ще {{count}} перевірок: гаразд', others_other: 'Ще {{count}} перевірки: гаразд',
    model: 'Модель і прошивка', export: 'CSV', status: 'Стан перевірки', every: 'Усі камери', checksOf: 'Перевірки: {{name}}', failedCount: 'Вади', since: 'так уже {{age}}', wanted: 'має бути {{value}}', details: 'Перевірки камери', page: 'Сторінка камери', settings: 'Як налаштовано потоки', notTold: 'камера ще не повідомила', moves: 'Стрілки: рядок і перевірка. Enter: подробиці.',
    certificateOf: 'Сертифікат {{subject}}, видав {{issuer}}', certificateUntil: 'до {{time}}', keyFrames: 'ключовий кадр що {{seconds}} с'
  },
  complianceCheck: { onvif: 'Керування (ONVIF)', fps: 'Частота кадрів', bitrate: 'Потік даних', key_frames: 'Ключові кадри', codec: 'Кодек і розмір', loss: 'Втрати пакетів', reconnects: 'Розриви за добу', clock: 'Годинник', password: 'Пароль', firmware: 'Прошивка', certificate: 'Сертифікат', recording: 'Запис', picture: 'Картинка' },
  complianceShort: { onvif: 'ONVIF', fps: 'Кадри', bitrate: 'Потік', key_frames: 'Ключові', codec: 'Кодек', loss: 'Втрати', reconnects: 'Розриви', clock: 'Годинник', password: 'Пароль', firmware: 'Прошивка', certificate: 'Сертиф.', recording: 'Запис', picture: 'Картинка' },
  complianceStatus: { pass: 'відповідає', fail: 'не відповідає', unknown: 'невідомо', unjudged: 'не стосується' },
  complianceReason: {
    camera_away: 'камера не на зв’язку', not_measured: 'ще не виміряно', not_configured: 'камера не каже, як її налаштовано', on_demand: 'потік беруть лише на вимогу', no_onvif: 'камера без ONVIF', declared_only: 'за налаштуванням камери, не за виміром',
    no_answer: 'не відповідає за ONVIF', login_refused: 'не приймає наш логін', below: 'менше, ніж має бути', above: 'більше, ніж має бути', codec_differs: 'кодек не той, що налаштовано', size_differs: 'розмір не той, що налаштовано', codec_unsupported: 'кодек, якого ніхто не покаже',
    open_to_all: 'пускає всіх без пароля', factory_accepted: 'приймає заводський логін', stored_factory: 'у нас збережено заводський пароль', stored_empty: 'пароль порожній', stored_same: 'пароль такий самий, як логін', stored_weak: 'пароль легко вгадати', stored_good: 'наш пароль добрий; заводських не пробували', factory_tried: 'наш пароль добрий; заводських не приймає',
    no_credential: 'пароля не збережено', locked_out: 'камера заблокувала вхід під час перевірки', none_approved: 'для цієї моделі нічого не схвалено', not_approved: 'версію не схвалено', no_tls: 'з’єднання без TLS', expired: 'строк минув', expires_soon: 'строк спливає', not_yet_valid: 'строк ще не почався',
    recording_off: 'камеру не записують', gap_open: 'запис перервано', gaps: 'забагато прогалин за добу', no_footage: 'записів ще немає', picture_fault: 'картинка пошкоджена'
  },
  firmwareList: {
    title: 'Схвалена прошивка', open: 'Прошивка', intro: 'Для кожної моделі позначте версії, яким довіряє центр. Камера з іншою версією не відповідає.', none: 'Жодна камера ще не назвала своєї прошивки', approve: 'Схвалити версію {{version}}', approved: 'Схвалено: {{version}}', withdrawn: 'Схвалення відкликано: {{version}}', by: 'схвалив(ла) {{login}}, {{time}}', approvedLabel: 'Версія {{version}} схвалена'
  },
  loginCheck: {
    title: 'Заводські паролі', open: 'Заводські паролі', intro: 'Агент може спробувати в камери логіни, з якими вона виходить із заводу: не частіше ніж раз на годину і щонайбільше десять на тиждень, і спиняється, щойно камера замкнеться. Кожну спробу записано в журнал; паролі туди не потрапляють.',
    always: 'Пароль, збережений у Каланчі, оцінюється завжди, без жодного входу в камеру.', mode: 'Коли пробувати', off: 'Ніколи', on_request: 'На вимогу', weekly: 'Щотижня всі', saved: 'Збережено', start: 'Перевірити відібрані камери', startOne: 'Перевірити зараз', startTitle: 'Спробувати заводські логіни?',
    startText_one: 'Перевірка {{count}} камери триватиме кілька годин: один логін на годину.', startText_few: 'Перевірка {{count}} камер триватиме кілька годин: один логін на годину кожній.', startText_many: 'Перевірка {{count}} камер триватиме кілька годин: один логін на годину кожній.', startText_other: 'Перевірка {{count}} камери триватиме кілька годин: один логін на годину кожній.',
    started: 'Розпочато: {{number}}', refused: 'Не розпочато: {{number}} (перевіряються, замкнені або без агента)', tooMany: 'Відберіть не більше 500 камер.', state: { never: 'Заводських логінів не пробували', waiting: 'Пробуємо: {{tried}} з {{of}}', none_accepted: 'Жодного заводського логіна не прийнято', accepted: 'Прийнято заводський логін «{{username}}»', locked: 'Камера замкнула вхід: перевірку спинено', unreachable: 'Спробувати не вдалося' }, next: 'наступний о {{time}}'
  }
}
