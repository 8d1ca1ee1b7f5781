using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MassTransit;

/// <summary>Adds the tables of the inbox, the outbox and the message schedule to a model.</summary>
public static class TransactionalOutboxModelExtensions
{
    private const int AddressLength = 256;

    /// <summary>Adds the tables InboxState, OutboxState and OutboxMessage.</summary>
    /// <param name="modelBuilder">The model.</param>
    /// <param name="callback">Called for each entity, to change its schema or table name.</param>
    public static void AddTransactionalOutboxEntities(this ModelBuilder modelBuilder, Action<EntityTypeBuilder>? callback = null)
    {
        modelBuilder.AddInboxStateEntity(callback);
        modelBuilder.AddOutboxStateEntity(callback);
        modelBuilder.AddOutboxMessageEntity(callback);
    }

    /// <summary>Adds the table InboxState.</summary>
    public static void AddInboxStateEntity(this ModelBuilder modelBuilder, Action<EntityTypeBuilder<InboxState>>? callback = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var inbox = modelBuilder.Entity<InboxState>();
        inbox.ToTable(nameof(InboxState));
        inbox.HasKey(x => x.Id);
        inbox.Property(x => x.Id).ValueGeneratedOnAdd();
        inbox.HasAlternateKey(x => new { x.MessageId, x.ConsumerId });
        inbox.Property(x => x.RowVersion).IsRowVersion();
        inbox.HasIndex(x => x.Delivered);
        callback?.Invoke(inbox);
    }

    /// <summary>Adds the table OutboxState.</summary>
    public static void AddOutboxStateEntity(this ModelBuilder modelBuilder, Action<EntityTypeBuilder<OutboxState>>? callback = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var outbox = modelBuilder.Entity<OutboxState>();
        outbox.ToTable(nameof(OutboxState));
        outbox.HasKey(x => x.OutboxId);
        outbox.Property(x => x.OutboxId).ValueGeneratedNever();
        outbox.Property(x => x.RowVersion).IsRowVersion();
        outbox.HasIndex(x => x.Created);
        callback?.Invoke(outbox);
    }

    /// <summary>Adds the table OutboxMessage.</summary>
    public static void AddOutboxMessageEntity(this ModelBuilder modelBuilder, Action<EntityTypeBuilder<OutboxMessage>>? callback = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var message = modelBuilder.Entity<OutboxMessage>();
        message.ToTable(nameof(OutboxMessage));
        message.HasKey(x => x.SequenceNumber);
        message.Property(x => x.SequenceNumber).ValueGeneratedOnAdd();
        MapEnvelope(message);
        message.HasIndex(x => x.EnqueueTime);
        message.HasIndex(x => x.ExpirationTime);
        message.HasIndex(x => new { x.OutboxId, x.SequenceNumber }).IsUnique();
        message.HasIndex(x => new { x.InboxMessageId, x.InboxConsumerId, x.SequenceNumber }).IsUnique();
        callback?.Invoke(message);
    }

    /// <summary>Adds the table ScheduledMessage, needed by the Entity Framework scheduler only.</summary>
    public static void AddScheduledMessageEntity(this ModelBuilder modelBuilder, Action<EntityTypeBuilder<ScheduledEnvelope>>? callback = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var message = modelBuilder.Entity<ScheduledEnvelope>();
        message.ToTable("ScheduledMessage");
        message.HasKey(x => x.TokenId);
        message.Property(x => x.TokenId).ValueGeneratedNever();
        MapEnvelope(message);
        message.HasIndex(x => x.DueTime);
        callback?.Invoke(message);
    }

    private static void MapEnvelope<TEnvelope>(EntityTypeBuilder<TEnvelope> message)
        where TEnvelope : StoredEnvelope
    {
        message.Property(x => x.ContentType).HasMaxLength(AddressLength).IsRequired();
        message.Property(x => x.MessageType).IsRequired();
        message.Property(x => x.Body).IsRequired();
        message.Property(x => x.SourceAddress).HasConversion<string>().HasMaxLength(AddressLength);
        message.Property(x => x.DestinationAddress).HasConversion<string>().HasMaxLength(AddressLength);
        message.Property(x => x.ResponseAddress).HasConversion<string>().HasMaxLength(AddressLength);
        message.Property(x => x.FaultAddress).HasConversion<string>().HasMaxLength(AddressLength);
    }
}
