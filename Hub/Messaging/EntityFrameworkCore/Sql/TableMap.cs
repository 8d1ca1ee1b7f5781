using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>Quoted names of one entity's table and columns, as the model has them.</summary>
internal sealed class TableMap
{
    private readonly Dictionary<string, string> _columns;

    private TableMap(string name, Dictionary<string, string> columns)
    {
        Name = name;
        _columns = columns;
    }

    /// <summary>The table, with its schema if it has one.</summary>
    public string Name { get; }

    /// <summary>The column of a property.</summary>
    public string this[string property] => _columns[property];

    public static TableMap? Find(IModel model, Type entityType)
    {
        var entity = model.FindEntityType(entityType);
        if (entity?.GetTableName() is not { } table)
            return null;

        var store = StoreObjectIdentifier.Table(table, entity.GetSchema());
        var columns = entity.GetProperties()
            .Where(x => x.GetColumnName(store) != null)
            .ToDictionary(x => x.Name, x => SqlDialect.Quote(x.GetColumnName(store)!), StringComparer.Ordinal);
        var name = store.Schema == null ? SqlDialect.Quote(table) : $"{SqlDialect.Quote(store.Schema)}.{SqlDialect.Quote(table)}";
        return new TableMap(name, columns);
    }

    public static TableMap Require(IModel model, Type entityType, string call) =>
        Find(model, entityType) ?? throw new InvalidOperationException(
            $"The model has no table for {entityType.Name}: call modelBuilder.{call}() in OnModelCreating.");
}
