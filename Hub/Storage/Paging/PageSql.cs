using System.Data.Common;

namespace IntegrationHub.Storage.Paging;

/// <summary>
/// A list in SQL that is read page by page, alike on both dialects: by the values of the row where the page before ended, so that whoever goes on meets every row
/// once though others are added meanwhile. What it matches is counted up to <see cref="Page.MostCounted"/>.
/// </summary>
/// <param name="columns">What is read of a row.</param>
/// <param name="from">Table with its alias, and joins.</param>
/// <param name="order">By what it is ordered, all in one direction; together they tell rows apart.</param>
/// <param name="isDescending">Whether the greatest stands first.</param>
internal sealed class PageSql(string columns, string from, (string Column, PlaceKind Kind)[] order, bool isDescending)
{
    private readonly List<string> _conditions = [];
    private readonly List<(string, object?)> _parameters = [];

    /// <summary>Takes only rows with a value; all when it is null.</summary>
    public PageSql Where(string condition, string name, object? value)
    {
        if (value is not null)
        {
            _conditions.Add(condition);
            _parameters.Add((name, value));
        }

        return this;
    }

    /// <summary>Takes only rows for which a condition holds.</summary>
    public PageSql Where(string condition)
    {
        _conditions.Add(condition);
        return this;
    }

    /// <summary>A parameter of its own.</summary>
    public PageSql Given(string name, object value)
    {
        _parameters.Add((name, value));
        return this;
    }

    /// <exception cref="MalformedPlaceException">The place is none of this list.</exception>
    public async Task<Page<T>> ReadAsync<T>(DbSession session, PageAsk ask, Func<DbDataReader, T> row, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ask.Limit, 1);
        var (conditions, parameters) = (new List<string>(_conditions), new List<(string, object?)>(_parameters) { ("page_limit", (long)ask.Limit + 1) });
        if (!string.IsNullOrEmpty(ask.After))
        {
            var place = PlaceText.Read(ask.After, [.. order.Select(by => by.Kind)]);
            parameters.AddRange(place.Select((value, i) => ($"after_{i}", (object?)value)));
            conditions.Add($"({string.Join(", ", order.Select(by => by.Column))}) {(isDescending ? "<" : ">")} ({string.Join(", ", place.Select((_, i) => $"@after_{i}"))})");
        }

        var direction = isDescending ? " DESC" : "";
        var rows = await session.ReadAsync(
            $"SELECT {columns}, {string.Join(", ", order.Select(by => by.Column))} FROM {from} {Conditions(conditions)} ORDER BY {string.Join(", ", order.Select(by => by.Column + direction))} LIMIT @page_limit",
            reader => (Row: row(reader), Place: PlaceOf(reader)), cancellationToken, [.. parameters]);
        var counted = (long)(await session.ScalarAsync(
            $"SELECT count(*) FROM (SELECT 1 FROM {from} {Conditions(_conditions)} LIMIT {Page.MostCounted + 1}) counted", cancellationToken, [.. _parameters]))!;
        var page = Page.Cut(rows, ask.Limit, counted, read => read.Place);
        return page.With<T>([.. page.Items.Select(read => read.Row)]);
    }

    private static string Conditions(List<string> conditions) => conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions);

    private string PlaceOf(DbDataReader reader)
    {
        var first = reader.FieldCount - order.Length;
        var values = new object[order.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = order[i].Kind switch
            {
                PlaceKind.Time => reader.Time(first + i),
                PlaceKind.Id => reader.GetGuid(first + i),
                PlaceKind.Text => reader.GetString(first + i),
                _ => reader.GetValue(first + i),
            };
        }

        return PlaceText.Of(values);
    }
}
