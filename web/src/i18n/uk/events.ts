export const events = {
  events: {
    title: 'Події камери', all: 'Усі', none: 'Камера ще нічого не повідомляла', noneOfType: 'Таких подій не було', lasts: 'триває', type: 'Вид події', more: 'Показати ще', motionNow: 'Рух у кадрі', closed: { camera_lost: 'камера зникла', subscription_lost: 'камера перестала відповідати', timeout: 'кінця не почуто', camera_removed: 'камеру вимкнено' },
    subscription: 'Камера не повідомляє подій', storm: 'Злива подій', merged_one: 'об’єднано {{count}} подію', merged_few: 'об’єднано {{count}} події', merged_many: 'об’єднано {{count}} подій', merged_other: 'об’єднано {{count}} події', not_supported: 'камера не вміє'
  },
  eventRules: {
    intro: 'Коли подія камери стає тривогою. Без правил події лише позначаються на шкалі часу; збій пам’яті камери та втручання в неї стають тривогами й без правил.', add: 'Додати правило', edit: 'Змінити правило', none: 'Правил ще немає', noneHint: 'Почніть із перетину лінії вночі чи руху там, де нікого не має бути.', saved: 'Правило «{{name}}» збережено', removed: 'Правило видалено', remove: 'Видалити правило?', removeHint: '«{{name}}» більше не підніматиме тривог. Ті, що стоять, буде знято.',
    enabled: 'Діє', disabled: 'Вимкнено', types: 'Які події', cameras: 'Камери', groups: 'Групи камер', scopeHint: 'Нічого не вибрано: усі камери', allCameras: 'усі камери', scheduleHint: 'За годинником центру. Порожній: завжди.', nights: 'Щоночі 22–6', always: 'завжди', byScheduleText: 'за розкладом',
    minDuration: 'Триває не менше, с', minDurationHint: 'Більше нуля: миттєві події не рахуються', cooldown: 'Не частіше ніж раз на, с', cooldownHint: 'Для кожної камери окремо', clearAfter: 'Миттєва: зняти через, с', severity: 'Важливість тривоги', record: 'Записувати, доки стоїть тривога', recordHint: 'Для камер, які записуються за подією', bookmark: 'Ставити закладку', lasts: 'від {{span}}', rests: 'не частіше ніж раз на {{span}}',
    cameraCount_one: '{{count}} камера', cameraCount_few: '{{count}} камери', cameraCount_many: '{{count}} камер', cameraCount_other: '{{count}} камери'
  },
  rulePreview: {
    title: 'Що було б', days7: '7 днів', days30: '30 днів', chooseTypes: 'Виберіть, які події', raised_one: '{{count}} тривога', raised_few: '{{count}} тривоги', raised_many: '{{count}} тривог', raised_other: '{{count}} тривоги', perDay: '≈ {{number}} на добу', ofEvents_one: 'з {{count}} події', ofEvents_few: 'з {{count}} подій', ofEvents_many: 'з {{count}} подій', ofEvents_other: 'з {{count}} подій',
    tooMany: 'Забагато: оператор устигає близько 6 тривог на годину. Звузьте розклад, тривалість чи камери.', partial: 'Подій забагато: переглянуто лише до {{time}}.', noEvents: 'Таких подій за цей час не було: камери їх не надсилають або їх не налаштовано.', byCamera: 'За камерами', latest: 'Останні'
  }
}
