"""Callbacks for training frameworks, one module each; a framework is imported only with its module.

    from herder.integrations.transformers import HerderCallback, resume_path
"""
