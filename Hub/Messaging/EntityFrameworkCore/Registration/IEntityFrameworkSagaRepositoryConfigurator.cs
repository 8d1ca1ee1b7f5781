using System.Data;
using Microsoft.EntityFrameworkCore;

namespace MassTransit;

/// <summary>How a saga type is stored.</summary>
public interface IEntityFrameworkSagaRepositoryConfigurator
{
    /// <summary>
    /// Pessimistic (default) locks the instance while a message is consumed; optimistic lets two messages clash on the
    /// row's version, and the loser is tried again by the endpoint's retry policy.
    /// </summary>
    ConcurrencyMode ConcurrencyMode { set; }

    /// <summary>Isolation of the saga's own transaction, when it is not consumed through the outbox. Default read committed.</summary>
    IsolationLevel IsolationLevel { set; }

    /// <summary>Uses PostgreSQL: row locks, advisory locks for first events, <c>xmin</c>.</summary>
    void UsePostgres();

    /// <summary>Uses SQLite: transactions are serial, so every mode behaves as pessimistic.</summary>
    void UseSqlite();

    /// <summary>Takes the context from the message's scope, where the consumer and the outbox see the same one.</summary>
    void ExistingDbContext<TContext>()
        where TContext : DbContext;
}

/// <summary>How <typeparamref name="TSaga"/> is stored.</summary>
public interface IEntityFrameworkSagaRepositoryConfigurator<TSaga> : IEntityFrameworkSagaRepositoryConfigurator
    where TSaga : class, ISaga
{
    /// <summary>Changes the query that loads instances, to include what they own.</summary>
    void CustomizeQuery(Func<IQueryable<TSaga>, IQueryable<TSaga>> queryCustomization);
}
