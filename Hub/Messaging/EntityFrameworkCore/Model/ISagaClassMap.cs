using Microsoft.EntityFrameworkCore;

namespace MassTransit;

/// <summary>Maps one saga instance type to its table.</summary>
public interface ISagaClassMap
{
    /// <summary>The instance type that is mapped.</summary>
    Type SagaType { get; }

    /// <summary>Adds the type to the model.</summary>
    void Configure(ModelBuilder model);
}

/// <summary>Maps <typeparamref name="TSaga"/> to its table.</summary>
public interface ISagaClassMap<TSaga> : ISagaClassMap
    where TSaga : class, ISaga;
